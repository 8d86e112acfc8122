import type { CutOver, Key, KeyQuery, UpdateKey } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from '.';
import { BackendError } from '../error';
import { newKey } from './new-key';
import { chance } from './random';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const MINUTE = 60_000;

const LIMITS = [
	'requests_per_minute',
	'concurrent_limit',
	'daily_limit',
	'credit_allowance'
] as const;

/** The limits that a change names; 0 takes one away. */
const limits = (change: UpdateKey): Partial<Key> =>
	Object.fromEntries(
		LIMITS.flatMap((name) => (change[name] == null ? [] : [[name, change[name] || null]]))
	);

const IP = /^[0-9a-f.:]+(\/\d{1,3})?$/i;

export function checkRules(
	rules: string[] | null | undefined,
	pointer = (place: number) => `/ip_rules/${place}`
) {
	const fields = (rules ?? []).flatMap((rule, i) =>
		IP.test(rule) && /[.:]/.test(rule)
			? []
			: [{ pointer: pointer(i), detail: 'is no address and no network in CIDR notation' }]
	);
	if (fields.length === 0) return;
	const message = 'The request has fields that are not right.';
	throw new BackendError({ code: 'invalid_input', message, fields, request_id: 'req_01KAPX9V3T0' });
}

const ORDERS: Record<string, (a: Key, b: Key) => number> = {
	name: (a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }),
	created: (a, b) => Date.parse(b.created_at) - Date.parse(a.created_at),
	last_used: (a, b) => Date.parse(a.last_used_at ?? '0') - Date.parse(b.last_used_at ?? '0'),
	platform: () => 0
};

function asked(keys: Key[], query: KeyQuery): Key[] {
	const ids = query.ids?.split(',');
	const text = query.search?.toLowerCase() ?? '';
	const found = keys.filter(
		(key) =>
			(!ids || ids.includes(key.id)) &&
			(!query.platform || key.platform === query.platform) &&
			(!query.environment || key.environment === query.environment) &&
			(!query.status || key.status === query.status) &&
			(!query.kind || key.kind === query.kind) &&
			(!query.expires_before ||
				(key.expires_at !== null && key.expires_at < query.expires_before)) &&
			(key.name.toLowerCase().includes(text) || key.last4.toLowerCase().includes(text))
	);
	const order = ORDERS[query.sort ?? 'platform'] ?? (() => 0);
	return found.sort((a, b) => (query.descending ? order(b, a) : order(a, b)));
}

function cutOver(old: Key, fresh: Key, now: number): CutOver {
	const minutes = Array.from({ length: 60 }, (_, i) => now - (59 - i) * MINUTE);
	const silent = old.platform === 'reels' ? 20 : 2;
	const calls = (i: number, share: number) =>
		Math.round(40 * share * (0.6 + chance(`${i}${share}`)));
	return {
		old,
		new: fresh,
		minutes: minutes.map((at) => new Date(Math.floor(at / MINUTE) * MINUTE).toISOString()),
		old_calls: minutes.map((_, i) => (i > 59 - silent ? 0 : calls(i, 1 - i / 60))),
		new_calls: minutes.map((_, i) => calls(i, i / 60)),
		old_last_call_at: new Date(now - silent * MINUTE).toISOString(),
		new_last_success_at: new Date(now - 20_000).toISOString(),
		silent_for_seconds: 900,
		safe_to_end: silent > 15
	};
}

export function keyCalls({ store, bus, app, now }: Demo) {
	const find = (id: string) =>
		store.keys.find((key) => key.id === id) ?? refuse('not_found', 'This key is not known here.');
	const replace = (id: string, change: Partial<Key>) => {
		const key = Object.assign(find(id), change, { version: find(id).version + 1 });
		bus.emit('change', { topic: 'keys', platform: key.platform });
		return key;
	};
	const clip = (seconds: number) => {
		const state = seconds
			? { clears_at: new Date(Date.now() + seconds * 1000).toISOString(), seconds_left: seconds }
			: { clears_at: null, seconds_left: null };
		bus.emit('clipboard', state);
		return state;
	};
	const locked = () => app.keychain !== 'present';
	/** From the key's issue to its keeping, with the steps that the app tells. */
	const keep = async (key: Key, paired: Key | null) => {
		await pause(120);
		bus.emit('keyStep', { id: key.id, step: 'created' });
		store.keys.unshift(...(paired ? [key, paired] : [key]));
		bus.emit('change', { topic: 'keys', platform: key.platform });
		if (!locked()) {
			await pause(120);
			bus.emit('keyStep', { id: key.id, step: 'kept' });
			await pause(120);
			bus.emit('keyStep', { id: key.id, step: 'compared' });
		}
		const kept = locked() ? ('session_only' as const) : ('kept' as const);
		return { key, paired, kept, keychain: app.keychain, problem: null };
	};
	const rotation = (id: string) => {
		const key = find(id);
		const old = key.replaced_by ? key : find(key.replaces ?? '');
		return { old, fresh: find(old.replaced_by ?? '') };
	};
	return {
		listKeys: async (query) => {
			const all = asked(store.keys, query);
			const start = Number(query.cursor ?? 0);
			const end = start + (query.limit ?? 50);
			return { data: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
		},
		countKeys: async () =>
			store.platforms.flatMap(({ slug: platform, environments }) =>
				environments.map((environment) => {
					const own = store.keys.filter(
						(key) => key.platform === platform && key.environment === environment
					);
					const revoked = own.filter(({ status }) => status === 'revoked').length;
					return { platform, environment, kept: own.length - revoked, revoked };
				})
			),
		getKey: async (id) => find(id),
		createKey: async (request) => {
			const platform = store.platforms.find((one) => one.slug === request.platform);
			if (!platform) refuse('invalid_input', 'Choose a platform.', '/platform');
			if (request.name.length > 100)
				refuse('invalid_input', 'Use at most 100 characters.', '/name');
			checkRules(request.ip_rules);
			const key = newKey(platform, request, now());
			if (!platform.paired_keys) return keep(key, null);
			const paired = newKey(platform, { ...request, kind: 'public' }, now() + 1);
			[key.pair_id, paired.pair_id] = [paired.id, key.id];
			return keep(key, paired);
		},
		rotateKey: async (id, { grace_seconds, force }) => {
			const key = find(id);
			if (!force && key.replaces && find(key.replaces).status === 'retiring') {
				refuse('rotation_in_progress', 'The grace of an earlier rotation still runs.');
			}
			const fresh: Key = { ...key, ...newKey(null, key, now()), replaces: id };
			const grace = grace_seconds ?? 86_400;
			const made = await keep(fresh, null);
			const old = replace(id, {
				status: grace > 0 ? 'retiring' : 'expired',
				replaced_by: fresh.id,
				grace_ends_at: new Date(now() + grace * 1000).toISOString()
			});
			return { made, old };
		},
		endGrace: async (id) =>
			replace(rotation(id).old.id, {
				status: 'expired',
				grace_ends_at: new Date(now()).toISOString()
			}),
		getCutOver: async (id) => {
			const { old, fresh } = rotation(id);
			return cutOver(old, fresh, now());
		},
		updateKey: async (id, _version, change) => {
			checkRules(change.ip_rules);
			return replace(id, {
				...(change.name ? { name: change.name } : {}),
				...(change.scopes ? { scopes: change.scopes } : {}),
				...(change.ip_rules ? { ip_rules: change.ip_rules } : {}),
				...(change.expires_at ? { expires_at: change.expires_at } : {}),
				...(change.never_expires ? { expires_at: null } : {}),
				...limits(change),
				...(change.paused == null ? {} : { status: change.paused ? 'paused' : 'active' })
			});
		},
		revokeKey: async (id) =>
			replace(id, {
				status: 'revoked',
				revoked_at: new Date(now()).toISOString(),
				revoked_by: 'mara@fieldhouse.example'
			}),
		keyCustody: async (id) => {
			const state = locked() ? 'unavailable' : find(id).status === 'revoked' ? 'absent' : 'kept';
			return { state, compared_at: new Date(now()).toISOString(), keychain: app.keychain } as const;
		},
		copyKey: async () => clip(app.clipboard_seconds),
		extendClipboard: async (seconds) => clip(38 + seconds),
		clearClipboard: async () => {
			bus.emit('clipboard', null);
			return null;
		},
		revealKey: async (id) =>
			`${find(id).prefix}A1b2C3d4E5f6G7h8I9j0K1l2M3n4O503ws${find(id).last4}`,
		discardKeySecret: async () => null,
		copyText: async () => null
	} satisfies Partial<Backend['calls']>;
}
