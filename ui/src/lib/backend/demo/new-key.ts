import type { CreateKey, Key, Platform } from '../bindings';
import { demoId, last4 } from './random';

type Wish = CreateKey & { prefix?: string };

/** A key that nobody has used yet. */
export function newKey(platform: Platform | null, wish: Wish, now: number): Key {
	const seed = `${wish.name}${wish.kind}${now}`;
	const kind = wish.kind ?? 'secret';
	const start = platform?.key_prefixes.find(
		(one) => one.environment === wish.environment && one.kind === kind
	);
	return {
		id: demoId('key', seed),
		platform: wish.platform,
		name: wish.name,
		kind,
		environment: wish.environment,
		status: 'active',
		prefix: start?.prefix ?? wish.prefix ?? 'sk_',
		last4: last4(seed),
		digest: '9f'.repeat(32),
		scopes: wish.scopes ?? platform?.scopes.map((scope) => scope.name) ?? [],
		requests_per_minute: wish.requests_per_minute ?? null,
		concurrent_limit: wish.concurrent_limit ?? null,
		daily_limit: wish.daily_limit ?? null,
		credit_allowance: wish.credit_allowance ?? null,
		spent_today: null,
		spent_in_all: null,
		ip_rules: wish.ip_rules ?? [],
		expires_at: wish.expires_at ?? null,
		created_at: new Date(now).toISOString(),
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
}
