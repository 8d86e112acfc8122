import type { AuditChange, AuditEvent } from '../bindings';
import type { Backend } from '..';
import type { Demo } from '.';
import { chance, demoId } from './random';

type Sketch = [
	action: string,
	kind: 'key' | 'endpoint' | 'account' | 'session',
	changes: AuditChange[]
];

const SKETCHES: Sketch[] = [
	['key.created', 'key', [{ field: 'scopes', before: null, after: 'generate, read' }]],
	['key.updated', 'key', [{ field: 'requests_per_minute', before: '120', after: '240' }]],
	[
		'account.top_up_rule_changed',
		'account',
		[
			{ field: 'enabled', before: 'false', after: 'true' },
			{ field: 'monthly_ceiling', before: '0', after: '2000' }
		]
	],
	[
		'endpoint.updated',
		'endpoint',
		[{ field: 'events', before: 'image.completed', after: 'image.completed, image.failed' }]
	],
	['key.revoked', 'key', [{ field: 'status', before: 'active', after: 'revoked' }]],
	['session.created', 'session', []],
	['account.credits_granted', 'account', [{ field: 'balance', before: '0', after: '100' }]]
];

const hex = (seed: string) =>
	Array.from({ length: 64 }, (_, i) => Math.floor(chance(`${seed}${i}`) * 16).toString(16)).join(
		''
	);

function eventsOf({ store, now, scenario }: Demo): AuditEvent[] {
	const count = { empty: 0, some: 14, much: 420 }[scenario.amount];
	return Array.from({ length: count }, (_, i): AuditEvent => {
		const [action, kind, changes] = SKETCHES[i % SKETCHES.length]!;
		const platform = store.platforms[i % store.platforms.length]!;
		const key = store.keys[i % store.keys.length]!;
		const subject = {
			key: { kind, id: key.id as string, name: key.name },
			endpoint: { kind, id: store.endpoints[0]?.id ?? '', name: 'hooks.fieldhouse.example/cards' },
			account: { kind, id: platform.slug, name: platform.slug },
			session: { kind, id: 'ses_1', name: 'mara@fieldhouse.example' }
		}[kind];
		const operator = action === 'account.credits_granted';
		return {
			id: demoId('aud', String(i)),
			sequence: count - i,
			at: new Date(now() - i * 5_400_000 - 60_000).toISOString(),
			actor: operator
				? { kind: 'operator', name: 'operator' }
				: { kind: 'member', name: 'mara@fieldhouse.example' },
			action,
			subject,
			platform: kind === 'key' ? key.platform : kind === 'account' ? platform.slug : null,
			changes,
			address: operator ? null : '127.0.0.1',
			hash: hex(String(i))
		};
	});
}

export function auditCalls(demo: Demo) {
	const events = eventsOf(demo);
	return {
		listAuditEvents: async ({ platform, action, subject_id, from, cursor, limit }) => {
			const fits = events.filter(
				(event) =>
					(!platform || event.platform === platform) &&
					(!action || event.action.startsWith(action)) &&
					(!subject_id || event.subject.id === subject_id) &&
					(!from || event.at >= from)
			);
			const start = Number(cursor ?? 0);
			const end = start + (limit ?? 50);
			return { data: fits.slice(start, end), next_cursor: end < fits.length ? String(end) : null };
		}
	} satisfies Partial<Backend['calls']>;
}
