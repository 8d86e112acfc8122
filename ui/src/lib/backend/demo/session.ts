import type { Me, Session } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from '.';
import type { Scenario } from './data';

/** Who is signed in: somebody, or the member of the sample data. */
export function demoMe({ sample }: Pick<Scenario, 'sample'>): Me {
	const created_at = '2026-09-01T08:00:00Z';
	const name = sample ? 'Sample Studio' : 'Fieldhouse Media';
	const email = sample ? 'sample@latchkey.example' : 'mara@fieldhouse.example';
	return {
		partner: { id: 'ptn_01KAP', name, created_at, suspended_at: null, sample },
		member: { id: 'mbr_01KAP', email, created_at }
	};
}

export function sessionCalls({ app, store, scenario }: Demo) {
	const me = () => {
		app.signed_in = true;
		app.has_account = true;
		app.me ??= demoMe(scenario);
		return app.me;
	};
	let sessions: Session[] = [
		{
			id: 'ses_1',
			created_at: '2026-11-20T08:12:00Z',
			last_used_at: new Date().toISOString(),
			address: '127.0.0.1',
			user_agent: 'Latchkey 0.1.0',
			current: true
		},
		{
			id: 'ses_2',
			created_at: '2026-11-03T15:40:00Z',
			last_used_at: new Date(Date.now() - 5 * 3_600_000).toISOString(),
			address: '127.0.0.1',
			user_agent: 'latchkey-cli/0.1.0',
			current: false
		}
	];
	return {
		getApp: async () => app,
		getMe: async () => me(),
		updateMe: async (change) => {
			if (change.password && change.current_password === 'wrong')
				refuse('wrong_credentials', 'The current passphrase is not right.', '/current_password');
			return me();
		},
		createPartner: async (request) => {
			if (request.email.startsWith('taken'))
				refuse('email_taken', 'This address already has an account. Sign in instead.', '/email');
			if (request.password.length < 15)
				refuse('invalid_input', 'Use at least 15 characters.', '/password');
			const made = me();
			made.partner.name = request.name;
			made.member.email = request.email;
			return made;
		},
		generatePassphrase: async () => 'orbit-velvet-canyon-lantern-43-thimble',
		createSession: async (request) => {
			if (request.password === 'wrong')
				refuse('wrong_credentials', 'The email or the passphrase is not right.');
			return me();
		},
		createSessionWithSaved: async () => me(),
		savedLogin: async () => ({
			email: scenario.hasAccount ? 'mara@fieldhouse.example' : null,
			password_kept: scenario.hasAccount && scenario.keychain === 'present'
		}),
		endSession: async () => {
			app.signed_in = false;
			return null;
		},
		exploreSample: async () => {
			app.signed_in = true;
			return (app.me = demoMe({ sample: true }));
		},
		removeSample: async () => {
			app.signed_in = false;
			app.me = null;
			return null;
		},
		listSessions: async () => sessions,
		endOtherSession: async (id) => {
			sessions = sessions.filter((session) => session.id !== id);
			return null;
		},
		listPlatforms: async () => store.platforms
	} satisfies Partial<Backend['calls']>;
}
