import type { KeyConnection, Recognised } from '../bindings';
import type { Backend } from '..';
import { dashboardCalls } from './dashboards';
import { refuse, type Demo } from './index';
import { last4 } from './random';

const DAY = 86_400_000;

/** Keys of platforms elsewhere: one that works, one that is refused, and where there is much, more. */
export function connectionCalls(demo: Demo) {
	const { scenario, store, now, bus } = demo;
	const kin = (slug: string): Recognised[] =>
		store.platforms
			.filter((platform) => platform.slug === slug || slug === '')
			.map(({ slug, name, monogram }) => ({
				platform: slug,
				name,
				monogram,
				environment: 'live',
				kind: 'secret',
				base_url: `https://api.${slug}.example/v1`
			}));
	const iso = (ago: number) => new Date(now() - ago).toISOString();
	const connection = (at: number, works: boolean): KeyConnection | null => {
		const platform = store.platforms[at];
		if (!platform) return null;
		return {
			id: `con_01KAP${at}`,
			platform: platform.slug,
			platform_name: platform.name,
			monogram: platform.monogram,
			name: works ? 'Website' : 'Old shop',
			environment: works ? 'live' : 'test',
			kind: 'secret',
			prefix: `${platform.slug}_live_`,
			last4: works ? '7Qxa' : 'm0Zp',
			base_url: `https://api.${platform.slug}.example/v1`,
			unit: platform.unit,
			added_at: iso(40 * DAY),
			kept: works,
			issued_by: null,
			last_check: {
				at: iso(works ? 120_000 : 3 * DAY),
				outcome: works ? 'works' : 'refused',
				message: works
					? `${platform.name} takes the key.`
					: `${platform.name} does not take the key (HTTP 401). It may be revoked, paused or mistyped.`,
				balance: works ? '412.5' : null,
				facts: works
					? [
							{ title: 'Requests a minute', value: '120' },
							{ title: 'Requests in 30 days', value: '8214' }
						]
					: []
			}
		};
	};
	/** One that does not answer, and one whose answer says nothing. */
	const further = (at: number, outcome: 'unreachable' | 'unclear'): KeyConnection | null => {
		const made = connection(at, false);
		const told = {
			unreachable: 'is not reached. Check the address and try again.',
			unclear: 'gave an answer that says nothing about the key (HTTP 503). Check the address.'
		};
		return (
			made && {
				...made,
				id: `con_01KAR${at}`,
				name: outcome === 'unclear' ? 'Catalogue of the spring collection' : 'Print shop',
				environment: 'live',
				kept: true,
				last_check: {
					at: iso(3_600_000),
					outcome,
					message: `${made.base_url} ${told[outcome]}`,
					balance: null,
					facts: []
				}
			}
		);
	};
	const amounts: Record<typeof scenario.amount, (KeyConnection | null)[]> = {
		empty: [],
		some: [connection(1, true), connection(0, false)],
		much: [
			connection(1, true),
			connection(0, false),
			further(3, 'unreachable'),
			further(4, 'unclear')
		]
	};
	let all = amounts[scenario.amount].filter((one) => one !== null);

	/** A key that was created through a dashboard. */
	function hold(of: Pick<KeyConnection, 'platform' | 'name' | 'environment' | 'issued_by'>) {
		const at = store.platforms.findIndex(({ slug }) => slug === of.platform);
		const made = connection(at, true) ?? refuse('invalid_input', 'This is no key.', '/key');
		const id = `con_01KAS${all.length}`;
		const held = { ...made, ...of, id, prefix: `rc_${of.environment}_`, last4: last4(id) };
		all = [...all, held];
		return held;
	}

	return {
		...dashboardCalls(demo, hold),
		recogniseKey: async (key) =>
			key.startsWith('reel_') ? kin('reels') : /^sk_/.test(key) ? kin('') : [],
		listKeyConnections: async () => all,
		addKeyConnection: async ({ platform, name, base_url }) => {
			const at = store.platforms.findIndex(({ slug }) => slug === platform);
			const made = connection(at, true) ?? refuse('invalid_input', 'This is no key.', '/key');
			const added = {
				...made,
				id: `con_01KAQ${all.length}`,
				name,
				base_url: base_url ?? made.base_url
			};
			all = [...all, added];
			return added;
		},
		checkKeyConnection: async (id) => {
			const known = all.find((one) => one.id === id) ?? refuse('not_kept', 'It is gone.');
			const check = known.last_check && { ...known.last_check, at: iso(0) };
			const checked = { ...known, last_check: check };
			all = all.map((one) => (one.id === id ? checked : one));
			return checked;
		},
		copyKeyConnection: async () => {
			const state = { clears_at: iso(-45_000), seconds_left: 45 };
			bus.emit('clipboard', state);
			return state;
		},
		removeKeyConnection: async (id) => {
			all = all.filter((one) => one.id !== id);
			return null;
		}
	} satisfies Partial<Backend['calls']>;
}
