import type { AuditActor, AuditEvent, Key, Platform } from '$lib/backend';

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

/** What the other screens call by a word of their own. */
const ACTIONS: Record<string, string> = {
	'account.balance_low': 'Balance low',
	'account.credit_line_changed': 'Credit line changed',
	'account.credits_adjusted': 'Balance adjusted',
	'account.credits_granted': 'Credits granted',
	'account.ip_entries_changed': 'Addresses changed',
	'account.live_disabled': 'Live mode turned off',
	'account.live_enabled': 'Live mode turned on',
	'account.low_balance_changed': 'Warning threshold changed',
	'account.payment_recorded': 'Payment recorded',
	'account.top_up_booked': 'Top-up booked',
	'account.top_up_not_booked': 'Top-up not booked',
	'account.top_up_rule_changed': 'Top-up rule changed',
	'key.grace_ended': 'Old key ended',
	'member.password_changed': 'Passphrase changed',
	'session.created': 'Signed in'
};
const FIELDS: Record<string, string> = {
	requests_per_minute: 'Requests a minute',
	concurrent_limit: 'In parallel',
	daily_limit: 'Credits a day',
	credit_allowance: 'Credits in all',
	ip_rules: 'Addresses',
	ip_entries: 'Addresses',
	expires_at: 'Ends',
	url: 'Address',
	low_balance: 'Low below',
	threshold: 'When less is left',
	monthly_ceiling: 'At most in a month',
	cooldown_seconds: 'Seconds between purchases'
};

/** `account.top_up_rule_changed` as words: `Top-up rule changed`. */
export const actionWords = (action: string): string =>
	ACTIONS[action] ?? capital(action.replaceAll(/[._]/g, ' ').trim());

/** `requests_per_minute` as words: `Requests a minute`. */
export const fieldWords = (field: string): string =>
	FIELDS[field] ?? capital(field.replaceAll(/[._]/g, ' '));

/** A value before or after a change: `none`, `yes`. */
export function valueWords(value: string | null): string {
	if (value === 'true') return 'yes';
	if (value === 'false') return 'no';
	return value ?? 'none';
}

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

/** What it was done to; an account is called by its platform. */
export function subjectName({ subject }: AuditEvent, platforms: Platform[]): string {
	const platform = subject.kind === 'account' && platforms.find(({ slug }) => slug === subject.id);
	return (platform && platform.name) || subject.name || subject.id;
}

/** What changed, in one line: `Name: CI → CI runner, and 2 more`. */
export function changesWords({ changes }: AuditEvent): string {
	const [first, ...more] = changes;
	if (!first) return '';
	const line = `${fieldWords(first.field)}: ${valueWords(first.before)} → ${valueWords(first.after)}`;
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
