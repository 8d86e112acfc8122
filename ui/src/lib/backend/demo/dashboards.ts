import type {
	DashboardConnection,
	DashboardKey,
	DashboardTopUp,
	DashboardUsage,
	DashboardWebhook,
	KeyConnection
} from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from './index';
import { chance, last4 } from './random';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const ENDED = 'ended';
const TOKEN = 'ID token';

/** What is behind one dashboard. */
type Behind = {
	keys: DashboardKey[];
	webhooks: Map<string, DashboardWebhook>;
	rule: DashboardTopUp;
};

/**
 * Dashboards of platforms elsewhere: one that works, and where there is much, one whose token has
 * ended. `hold` takes in a key that was created here.
 */
export function dashboardCalls(
	{ scenario, store, now, bus }: Demo,
	hold: (
		of: Pick<KeyConnection, 'platform' | 'name' | 'environment' | 'issued_by'>
	) => KeyConnection
) {
	const platform = store.platforms.at(2) ?? store.platforms[0];
	const iso = (ahead: number) => new Date(now() + ahead).toISOString();
	const base = `https://api.${platform?.slug}.example/v1`;
	const named = platform?.name ?? '';
	const works = { outcome: 'works' as const, message: `${named} takes the ${TOKEN}.` };
	const refused = {
		outcome: 'refused' as const,
		message: `${named} says: This token has expired. Paste a new ${TOKEN}.`
	};

	const connection = (id: string, name: string, ended: boolean): DashboardConnection | null =>
		platform
			? {
					id,
					platform: platform.slug,
					platform_name: platform.name,
					monogram: platform.monogram,
					token_name: TOKEN,
					name,
					base_url: base,
					unit: platform.unit,
					environments: ['live', 'test'],
					added_at: iso(-12 * DAY),
					kept: true,
					token_ends_at: iso(ended ? -25 * MINUTE : 42 * MINUTE),
					last_check: { at: iso(-2 * MINUTE), ...(ended ? refused : works) },
					signing_secrets: []
				}
			: null;

	const key = (number: number, change: Partial<DashboardKey>): DashboardKey => ({
		id: String(number),
		name: 'Website',
		environment: 'live',
		prefix: 'rc_live_',
		last4: last4(`dashboard/${number}`),
		created_at: iso(-number * DAY),
		last_used_at: iso(-number * 3 * MINUTE),
		revoked_at: null,
		held_by: null,
		...change
	});
	const behind = (): Behind => ({
		keys: [
			key(4, {}),
			key(3, { name: 'Continuous integration', environment: 'test', prefix: 'rc_test_' }),
			key(2, { name: 'Old website', revoked_at: iso(-9 * DAY), last_used_at: null })
		],
		webhooks: new Map([
			[
				'4',
				{
					url: 'https://hooks.fieldhouse.example/rooms',
					enabled: true,
					secret_last4: 'k3Zq',
					secret_held: true
				}
			]
		]),
		rule: { enabled: true, amount: 100_000_000, threshold: 20_000_000 }
	});

	const first =
		scenario.amount === 'empty'
			? []
			: [
					connection('das_01KAP0', 'Fieldhouse', false),
					scenario.amount === 'much' ? connection('das_01KAP1', 'Second brand', true) : null
				];
	let all = first.filter((one) => one !== null);
	const places = new Map<string, Behind>();

	const find = (id: string) =>
		all.find((one) => one.id === id) ?? refuse('not_kept', 'It is gone.');
	const put = (changed: DashboardConnection) => {
		all = all.map((one) => (one.id === changed.id ? changed : one));
		return changed;
	};
	/** What a call is made on; a token that has ended is refused. */
	const ask = (id: string): Behind => {
		const known = find(id);
		if (known.last_check?.outcome === 'refused') refuse('token_refused', refused.message);
		const place = places.get(id) ?? behind();
		places.set(id, place);
		return place;
	};
	const take = (known: DashboardConnection, token: string): DashboardConnection => {
		if (/\s/.test(token.trim())) {
			refuse('invalid_input', `Paste the ${TOKEN}: one long word, without spaces.`, '/token');
		}
		const ended = token.trim() === ENDED;
		return {
			...known,
			token_ends_at: iso(ended ? -MINUTE : 60 * MINUTE),
			last_check: { at: iso(0), ...(ended ? refused : works) }
		};
	};
	const none = { url: null, enabled: false, secret_last4: null, secret_held: false };

	const usage = (): DashboardUsage => {
		const daily = Array.from({ length: 30 }, (_, i) => {
			const on = (what: string) => Math.round(chance(`${what}/${i}`) * (i % 7 > 4 ? 12 : 60));
			const [live, test] = [on('live'), on('test')];
			return {
				date: iso((i - 29) * DAY).slice(0, 10),
				live: { requests: live, credits: live * 1_000_000 },
				test: { requests: test, credits: 0 }
			};
		});
		const sum = (of: (day: (typeof daily)[number]) => number) =>
			daily.reduce((total, day) => total + of(day), 0);
		return {
			from: iso(-29 * DAY),
			to: iso(0),
			live: { requests: sum((day) => day.live.requests), credits: sum((day) => day.live.credits) },
			test: { requests: sum((day) => day.test.requests), credits: 0 },
			daily
		};
	};

	return {
		listDashboardPlatforms: async () =>
			platform
				? [
						{
							platform: platform.slug,
							name: platform.name,
							monogram: platform.monogram,
							token_name: TOKEN,
							base_url: base
						}
					]
				: [],
		listDashboards: async () => all,
		addDashboard: async ({ name, base_url, token }) => {
			const made = connection(`das_01KAQ${all.length}`, name, false);
			if (!made)
				refuse('invalid_input', 'This platform documents no dashboard calls.', '/platform');
			const added = take({ ...made, base_url: base_url ?? made.base_url }, token);
			all = [...all, added];
			return added;
		},
		renewDashboardToken: async (id, token) => put(take(find(id), token)),
		checkDashboard: async (id) => {
			const known = find(id);
			const check = known.last_check && { ...known.last_check, at: iso(0) };
			return put({ ...known, last_check: check });
		},
		removeDashboard: async (id) => {
			all = all.filter((one) => one.id !== id);
			return null;
		},
		listDashboardKeys: async (id) => ask(id).keys,
		createDashboardKey: async (id, { name, environment }) => {
			const { keys } = ask(id);
			const number = keys.length + 2;
			const issued_by = { dashboard: id, key: String(number) };
			const held = hold({ platform: find(id).platform, name, environment, issued_by });
			const { prefix, last4 } = held;
			const made = { name, environment, prefix, last4, held_by: held.id };
			keys.unshift(key(number, { ...made, created_at: iso(0), last_used_at: null }));
			return held;
		},
		revokeDashboardKey: async (id, number) => {
			const place = ask(id);
			place.keys = place.keys.map((one) =>
				one.id === number ? { ...one, revoked_at: iso(0), held_by: null } : one
			);
			return null;
		},
		getDashboardWebhook: async (id, number) => ask(id).webhooks.get(number) ?? none,
		updateDashboardWebhook: async (id, number, { url, enabled }) => {
			const { webhooks } = ask(id);
			if (!/^https?:/.test(url)) {
				refuse('platform_refused', `${named} says: \`url\` must begin with https://.`);
			}
			const known = webhooks.get(number);
			const set = { secret_last4: known?.secret_last4 ?? 'Ab3d', secret_held: true, url, enabled };
			webhooks.set(number, set);
			return set;
		},
		testDashboardWebhook: async (id, number) => {
			const { webhooks } = ask(id);
			if (!webhooks.get(number)?.enabled) {
				refuse('platform_refused', `${named} says: The webhook is switched off.`);
			}
			return null;
		},
		copyDashboardSecret: async () => {
			const state = { clears_at: iso(45_000), seconds_left: 45 };
			bus.emit('clipboard', state);
			return state;
		},
		getDashboardUsage: async (id) => {
			ask(id);
			return usage();
		},
		getDashboardTopUp: async (id) => ask(id).rule,
		updateDashboardTopUp: async (id, rule) => (ask(id).rule = rule)
	} satisfies Partial<Backend['calls']>;
}
