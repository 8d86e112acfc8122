import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '$lib/backend';
import { actionWords, actorWords, changesWords, shortHash, subjectLink } from './words';

const event = {
	subject: { kind: 'key', id: 'key_1', name: 'CI' },
	changes: [
		{ field: 'name', before: 'CI', after: 'CI runner' },
		{ field: 'requests_per_minute', before: null, after: '240' }
	]
} as AuditEvent;

describe('a record of the audit log', () => {
	it('says in words what was done', () => {
		expect(actionWords('account.top_up_rule_changed')).toBe('Account top up rule changed');
		expect(actorWords({ kind: 'operator', name: 'operator' })).toBe('The operator');
		expect(actorWords({ kind: 'member', name: 'ida@nordhafen.example' })).toBe(
			'ida@nordhafen.example'
		);
	});

	it('says before and after', () => {
		expect(changesWords(event)).toBe('Name: CI → CI runner, and 1 more');
		expect(changesWords({ ...event, changes: event.changes.slice(1) })).toBe(
			'Requests per minute: none → 240'
		);
		expect(changesWords({ ...event, changes: [] })).toBe('');
	});

	it('leads to what it is about, where that has a screen', () => {
		expect(subjectLink(event)).toBe('/keys?key=key_1');
		expect(subjectLink({ ...event, subject: { ...event.subject, kind: 'session' } })).toBeNull();
	});

	it('shows its hash shortened', () => {
		expect(shortHash(`3f9a22${'0'.repeat(54)}c41e`)).toBe('3f9a22…c41e');
	});
});
