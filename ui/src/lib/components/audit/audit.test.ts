import { describe, expect, it } from 'vitest';
import type { AuditEvent, Platform } from '$lib/backend';
import {
	actionWords,
	actorWords,
	changesWords,
	shortHash,
	subjectLink,
	subjectName
} from './words';

const event = {
	subject: { kind: 'key', id: 'key_1', name: 'CI' },
	changes: [
		{ field: 'name', before: 'CI', after: 'CI runner' },
		{ field: 'requests_per_minute', before: null, after: '240' }
	]
} as AuditEvent;

describe('a record of the audit log', () => {
	it('says in words what was done', () => {
		expect(actionWords('account.top_up_rule_changed')).toBe('Top-up rule changed');
		expect(actionWords('endpoint.secret_rotated')).toBe('Endpoint secret rotated');
		expect(actorWords({ kind: 'operator', name: 'operator' })).toBe('The operator');
		expect(actorWords({ kind: 'member', name: 'ida@nordhafen.example' })).toBe(
			'ida@nordhafen.example'
		);
	});

	it('calls an account by its platform', () => {
		const subject = { kind: 'account', id: 'cards', name: 'cards' };
		const platforms = [{ slug: 'cards', name: 'Matchday Cards' }] as Platform[];
		expect(subjectName({ ...event, subject }, platforms)).toBe('Matchday Cards');
		expect(subjectName({ ...event, subject }, [])).toBe('cards');
		expect(subjectName(event, platforms)).toBe('CI');
	});

	it('says before and after', () => {
		expect(changesWords(event)).toBe('Name: CI → CI runner, and 1 more');
		expect(changesWords({ ...event, changes: event.changes.slice(1) })).toBe(
			'Requests a minute: none → 240'
		);
		const paused = [{ field: 'paused', before: 'false', after: 'true' }];
		expect(changesWords({ ...event, changes: paused })).toBe('Paused: no → yes');
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
