import type { AuditActor, AuditEvent, Key } from '$lib/backend';

/** What can be asked for: all of a kind by its beginning. */
export const ACTION_KINDS = [
	{ value: '', label: 'Everything' },
	{ value: 'key.', label: 'Keys' },
	{ value: 'endpoint.', label: 'Endpoints' },
	{ value: 'delivery.', label: 'Deliveries' },
	{ value: 'replay.', label: 'Replays' },
	{ value: 'account.', label: 'Accounts' },
	{ value: 'credits.', label: 'Credits' },
	{ value: 'partner.', label: 'The partner' },
	{ value: 'member.', label: 'Members' },
	{ value: 'session.', label: 'Sessions' }
];

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** `key.top_up_rule_changed` as words: `Key top up rule changed`. */
export function actionWords(action: string): string {
	return capital(action.replaceAll(/[._]/g, ' ').trim());
}

/** `requests_per_minute` as words: `Requests per minute`. */
export const fieldWords = (field: string) => capital(field.replaceAll(/[._]/g, ' '));

/** The key that did it, where it was one. */
export const keyOfActor = ({ kind, name }: AuditActor): string | null =>
	kind === 'key' ? name : null;

/** Who did it, as people say it: a key by its name where that is known. */
export function actorWords(
	{ kind, name }: AuditActor,
	keys: ReadonlyMap<string, Key> = new Map()
): string {
	switch (kind) {
		case 'operator':
			return 'The operator';
		case 'system':
			return 'The server';
		case 'key':
			return keys.get(name)?.name ?? name;
		default:
			return name;
	}
}

/** `3f9a…c41e`: enough of a hash to tell it from its neighbours. */
export const shortHash = (hash: string) =>
	hash.length > 12 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash;

/** What changed, in one line: `Name: CI → CI runner, and 2 more`. */
export function changesWords({ changes }: AuditEvent): string {
	const [first, ...more] = changes;
	if (!first) return '';
	const line = `${fieldWords(first.field)}: ${first.before ?? 'none'} → ${first.after ?? 'none'}`;
	return more.length > 0 ? `${line}, and ${more.length} more` : line;
}

/** Where the thing that was changed can be looked at; null where it has no screen. */
export function subjectLink({ subject }: AuditEvent): string | null {
	switch (subject.kind) {
		case 'key':
			return `/keys?key=${subject.id}`;
		case 'endpoint':
			return `/webhooks?endpoint=${subject.id}`;
		default:
			return null;
	}
}
