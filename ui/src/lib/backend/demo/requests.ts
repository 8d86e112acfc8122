import type { Environment, Outcome, RequestRecord } from '../bindings';
import type { Backend } from '..';
import type { Demo } from '.';
import { chance, demoId } from './random';

type Sketch = [outcome: Outcome, status: number, reason: string | null, detail: string | null];

const SKETCHES: Sketch[] = [
	['accepted', 202, null, null],
	['accepted', 200, null, null],
	['accepted', 202, null, null],
	['refused', 403, 'missing_scope', 'The key may not do this: it lacks the scope generate.'],
	['accepted', 202, null, null],
	['refused', 429, 'rate_limited', 'More than 120 requests a minute; 14 s are left.'],
	['accepted', 200, null, null],
	['refused', 401, 'unknown_key', 'No key of this account has this digest.']
];

function requestsOf({ store, now, scenario }: Demo): RequestRecord[] {
	const count = { empty: 0, some: 16, much: 500 }[scenario.amount];
	return Array.from({ length: count }, (_, i): RequestRecord => {
		const [outcome, status, reason, detail] = SKETCHES[i % SKETCHES.length]!;
		const key = store.keys[(i * 7) % store.keys.length]!;
		const unknown = reason === 'unknown_key';
		const environment: Environment | null = unknown ? null : key.environment;
		return {
			id: demoId('req', String(i)),
			at: new Date(now() - i * 47_000).toISOString(),
			platform: key.platform,
			environment,
			key_id: unknown ? null : key.id,
			operation: unknown ? '' : 'images.create',
			method: i % 3 === 1 ? 'GET' : 'POST',
			path: i % 3 === 1 ? '/images/img_01KAPX9V3T0' : '/images',
			status,
			outcome,
			reason,
			detail,
			credits: outcome === 'accepted' && environment === 'live' && i % 3 !== 1 ? 4_000_000 : 0,
			duration_ms: 8 + Math.round(chance(String(i)) * 180),
			address: '203.0.113.24'
		};
	});
}

export function requestCalls(demo: Demo) {
	const all = requestsOf(demo);
	return {
		listRequests: async ({ platform, environment, key_id, outcome, cursor, limit }) => {
			const fits = all.filter(
				(one) =>
					(!platform || one.platform === platform) &&
					(!environment || one.environment === environment) &&
					(!key_id || one.key_id === key_id) &&
					(!outcome || one.outcome === outcome)
			);
			const start = Number(cursor ?? 0);
			const end = start + (limit ?? 50);
			return { data: fits.slice(start, end), next_cursor: end < fits.length ? String(end) : null };
		}
	} satisfies Partial<Backend['calls']>;
}
