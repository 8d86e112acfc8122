import type { KeyConnection, Recognised } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from './index';

const DAY = 86_400_000;

/** Keys of platforms elsewhere: one that works, one that is refused. */
export function connectionCalls({ scenario, store, now }: Demo) {
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
	const first = scenario.amount === 'empty' ? [] : [connection(1, true), connection(0, false)];
	let all = first.filter((one) => one !== null);
	return {
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
		removeKeyConnection: async (id) => {
			all = all.filter((one) => one.id !== id);
			return null;
		}
	} satisfies Partial<Backend['calls']>;
}
