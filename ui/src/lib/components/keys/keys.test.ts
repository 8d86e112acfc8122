import { QueryClient } from '@tanstack/svelte-query';
import { describe, expect, it, vi } from 'vitest';
import { backend, BackendError, type Key, type Platform } from '$lib/backend';
import { KeyActs } from './acts.svelte';
import { changesOf } from './changes';
import { cuts, outline } from './glyph';
import { kinOf } from './kin';
import { askedOf, fitting, linesOf, pressed } from './list';
import { notesOf } from './notes';
import { endedWords, isGone, standing } from './status';

const now = Date.parse('2026-11-22T12:00:00Z');
const key = (change: Partial<Key>): Key =>
	({
		id: 'key_1',
		platform: 'cards',
		name: 'Card renderer',
		environment: 'live',
		status: 'active',
		last4: 'a1b2',
		scopes: [],
		ip_rules: [],
		replaces: null,
		replaced_by: null,
		grace_ends_at: null,
		pair_id: null,
		requests_per_minute: null,
		concurrent_limit: null,
		daily_limit: null,
		credit_allowance: null,
		expires_at: null,
		...change
	}) as Key;
const platform = (slug: string) =>
	({ slug, name: slug, environments: ['live', 'test'] }) as Platform;
const all = {
	text: '',
	environment: null,
	platform: null,
	status: 'any',
	kind: 'any',
	sorting: null
} as const;

describe('a key’s picture', () => {
	it('has five cuts, the same for the same id', () => {
		expect(cuts('key_1')).toHaveLength(5);
		expect(outline('key_1')).toBe(outline('key_1'));
	});

	it('differs between most keys', () => {
		const pictures = new Set(Array.from({ length: 50 }, (_, i) => outline(`key_${i}`)));
		expect(pictures.size).toBeGreaterThan(40);
	});
});

describe('the list of keys', () => {
	const keys = [
		key({}),
		key({ id: 'key_3', status: 'revoked', name: 'Old' }),
		key({ id: 'key_2', platform: 'reels', name: 'Worker', environment: 'test', last4: 'Zz9k' })
	];
	const platforms = [platform('cards'), platform('reels'), platform('rooms')];
	const summaries = (more: boolean) =>
		linesOf(keys, platforms, more).flatMap((line) => ('group' in line ? [line.group.summary] : []));

	it('is asked of the server as it is narrowed and sorted', () => {
		expect(
			askedOf({ ...all, text: ' render ', status: 'paused', kind: 'public' }, now)
		).toMatchObject({
			search: 'render',
			status: 'paused',
			kind: 'public',
			sort: 'platform'
		});
		const sorting = { by: 'last_used', down: true } as const;
		expect(askedOf({ ...all, sorting }, now)).toMatchObject({
			sort: 'last_used',
			descending: true
		});
		expect(askedOf(all, now)).toMatchObject({ search: null, status: null, kind: null });
	});

	it('finds those that end soon among those that work', () => {
		const soon = key({ id: 'key_4', expires_at: '2026-11-25T12:00:00Z' });
		expect(askedOf({ ...all, status: 'ending' }, now)).toMatchObject({
			status: 'active',
			expires_before: new Date(now + 7 * 86_400_000).toISOString()
		});
		expect(fitting([...keys, soon], 'ending', now).map(({ id }) => id)).toEqual(['key_4']);
	});

	it('sums up the platforms whose keys are all there', () => {
		expect(summaries(false)).toEqual(['1 live, 1 revoked', '1 test']);
		expect(summaries(true)).toEqual(['1 live, 1 revoked', '']);
		expect(linesOf(keys, platforms, false)).toHaveLength(5);
	});

	it('is sorted one way, the other, and not at all', () => {
		const once = pressed(null, 'name');
		expect(once).toEqual({ by: 'name', down: false });
		expect(pressed(once, 'name')).toEqual({ by: 'name', down: true });
		expect(pressed(pressed(once, 'name'), 'name')).toBeNull();
		expect(pressed(once, 'last_used')).toEqual({ by: 'last_used', down: true });
	});
});

describe('where a key stands', () => {
	const soon = new Date(now + 2.5 * 86_400_000).toISOString();

	it('says it in a word', () => {
		expect(standing(key({}), now).word).toBe('Active');
		expect(standing(key({ expires_at: soon }), now).word).toBe('Ends in 3 days');
		expect(standing(key({ status: 'paused' }), now).word).toBe('Paused');
		expect(isGone(key({ status: 'expired' }))).toBe(true);
	});

	it('says how long the old key of a rotation works', () => {
		const grace_ends_at = new Date(now + 19 * 3_600_000).toISOString();
		const old = key({ status: 'retiring', replaced_by: 'key_2', grace_ends_at });
		expect(standing(old, now).word).toBe('Rotating, 19 h left');
		expect(isGone(old)).toBe(false);
		expect(kinOf(old)).toEqual([{ word: 'Replaced by', id: 'key_2' }]);
		expect(kinOf(key({ kind: 'public', pair_id: 'key_9' }))).toEqual([
			{ word: 'Secret key', id: 'key_9' }
		]);
	});

	it('says when a key was revoked, and by whom', () => {
		const revoked = { revoked_at: '2026-11-22T12:00:00Z', revoked_by: 'mara@fieldhouse.example' };
		const words = endedWords(key({ status: 'revoked', ...revoked }));
		expect(words).toMatch(/^Revoked 22 Nov 2026, .* by mara@fieldhouse\.example\.$/);
		expect(endedWords(key({}))).toBeUndefined();
	});
});

describe('a key that cannot be changed', () => {
	it('says what was not done and why, until the next act', async () => {
		const refused = { code: 'conflict', message: 'It has changed.', fields: [], request_id: null };
		const update = vi.spyOn(backend, 'updateKey');
		update.mockRejectedValueOnce(new BackendError(refused)).mockResolvedValueOnce(key({}));
		const acts = new KeyActs(new QueryClient());
		await acts.pause(key({}), true);
		expect([acts.problem?.title, acts.busy]).toEqual(['The key was not paused.', null]);
		expect(await acts.change(key({}), {}, 'Not changed.')).toBe(true);
		expect(acts.problem).toBeNull();
	});

	it('is shown as somebody else has left it, once that is wanted', async () => {
		const refused = { code: 'stale_version', message: 'It changed.', fields: [], request_id: null };
		const client = new QueryClient();
		const [shown, now] = [key({ version: 1 }), key({ version: 2, requests_per_minute: 120 })];
		client.setQueryData(['keys', 'named', [shown.id]], [shown]);
		vi.spyOn(backend, 'updateKey').mockRejectedValueOnce(new BackendError(refused));
		vi.spyOn(backend, 'getKey').mockResolvedValueOnce(now);
		const acts = new KeyActs(client);
		expect(await acts.change(shown, { paused: true }, 'Not changed.')).toBe(false);
		expect([acts.problem, acts.conflict]).toEqual([null, { shown, now }]);
		expect(client.getQueryData(['keys', 'named', [shown.id]])).toEqual([shown]);
		acts.loadAnew();
		expect(acts.conflict).toBeNull();
		expect(client.getQueryData(['keys', 'named', [shown.id]])).toEqual([now]);
	});

	it('is changed from what it was when the change was begun, or from what is known since', async () => {
		const versions: number[] = [];
		vi.spyOn(backend, 'updateKey').mockImplementation((_, version) => {
			versions.push(version);
			return Promise.resolve(key({ version: version + 1 }));
		});
		const acts = new KeyActs(new QueryClient());
		const begun = key({ version: 3 });
		await acts.change(begun, { requests_per_minute: 9 }, 'Not changed.');
		await acts.change(begun, { name: 'Begun before that' }, 'Not changed.');
		await acts.change(key({ version: 8 }), {}, 'Not changed.');
		await acts.change(key({ id: 'key_2', version: 1 }), {}, 'Not changed.');
		expect(versions).toEqual([3, 4, 8, 1]);
	});
});

describe('what somebody else changed of a key', () => {
	const cards = {
		unit: { name: 'credits', decimals: 0 },
		requests_per_minute: 60,
		concurrency: null
	} as Platform;
	const shown = key({ scopes: ['read'], requests_per_minute: null, paused_at: null });

	it('is said in words, with what it was', () => {
		const now = { ...shown, requests_per_minute: 120, scopes: [], name: 'Renamed' };
		expect(changesOf(shown, now, cards)).toEqual([
			{ what: 'Name', before: 'Card renderer', now: 'Renamed' },
			{ what: 'May do', before: 'read', now: 'nothing' },
			{ what: 'Requests a minute', before: '60', now: '120' }
		]);
		expect(changesOf(shown, { ...shown, last_used_at: '2026-11-22T12:00:00Z' }, cards)).toEqual([]);
	});
});

describe('what charts note of keys', () => {
	const used = { last_used_at: '2026-11-21T12:00:00Z' };
	const revoked = { status: 'revoked', revoked_at: '2026-11-22T12:00:00Z' } as const;

	it('is why those that were used call no more', () => {
		const keys = [key({ ...used, ...revoked }), key(used), key({ ...revoked, last_used_at: null })];
		expect(notesOf(keys)).toEqual([{ at: revoked.revoked_at, text: 'Card renderer revoked' }]);
	});
});
