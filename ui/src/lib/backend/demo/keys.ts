import type { Key, UpdateKey } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from '.';
import { demoId, last4 } from './random';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

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
	return {
		listKeys: async (query) => {
			const all = store.keys.filter((key) => !query.platform || key.platform === query.platform);
			const start = Number(query.cursor ?? 0);
			const end = start + (query.limit ?? 50);
			return { data: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
		},
		getKey: async (id) => find(id),
		createKey: async (request) => {
			const platform = store.platforms.find((one) => one.slug === request.platform);
			if (!platform) refuse('invalid_input', 'Choose a platform.', '/platform');
			if (request.name.length > 100)
				refuse('invalid_input', 'Use at most 100 characters.', '/name');
			const seed = `${request.name}${now()}`;
			const start = platform.key_prefixes.find((one) => one.environment === request.environment);
			const key: Key = {
				id: demoId('key', seed),
				platform: request.platform,
				name: request.name,
				kind: 'secret',
				environment: request.environment,
				status: 'active',
				prefix: start?.prefix ?? 'sk_',
				last4: last4(seed),
				digest: '9f'.repeat(32),
				scopes: request.scopes ?? platform.scopes.map((scope) => scope.name),
				requests_per_minute: request.requests_per_minute ?? null,
				concurrent_limit: request.concurrent_limit ?? null,
				daily_limit: request.daily_limit ?? null,
				credit_allowance: request.credit_allowance ?? null,
				spent_today: null,
				spent_in_all: null,
				ip_rules: request.ip_rules ?? [],
				expires_at: request.expires_at ?? null,
				created_at: new Date(now()).toISOString(),
				created_by: 'mara@fieldhouse.example',
				first_used_at: null,
				last_used_at: null,
				last_used_address: null,
				last_used_agent: null,
				paused_at: null,
				revoked_at: null,
				revoked_by: null,
				replaces: null,
				replaced_by: null,
				grace_ends_at: null,
				pair_id: null,
				version: 1
			};
			await pause(120);
			bus.emit('keyStep', { id: key.id, step: 'created' });
			store.keys.unshift(key);
			bus.emit('change', { topic: 'keys', platform: key.platform });
			if (locked()) {
				return { key, kept: 'session_only', keychain: app.keychain, problem: null } as const;
			}
			await pause(120);
			bus.emit('keyStep', { id: key.id, step: 'kept' });
			await pause(120);
			bus.emit('keyStep', { id: key.id, step: 'compared' });
			return { key, kept: 'kept', keychain: app.keychain, problem: null } as const;
		},
		updateKey: async (id, _version, change) =>
			replace(id, {
				...(change.name ? { name: change.name } : {}),
				...(change.scopes ? { scopes: change.scopes } : {}),
				...limits(change),
				...(change.paused == null ? {} : { status: change.paused ? 'paused' : 'active' })
			}),
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
