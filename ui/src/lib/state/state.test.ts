import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backend, type Key } from '$lib/backend';
import { clipboard } from './clipboard.svelte';
import { gather } from './gather';
import { keysKept, keyTotal } from './key-counts';
import { anyPending, keysOf, wholeList } from './queries';
import { RANGES, usageQuery } from './ranges';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('gathering changes', () => {
	it('hands the first on at once and the rest together', () => {
		const handed: string[][] = [];
		const gathered = gather((all) => handed.push([...all]), 1000);
		gathered.add(['usage']);
		gathered.add(['usage']);
		gathered.add(['keys']);
		expect(handed).toEqual([['usage']]);
		vi.advanceTimersByTime(1000);
		expect(handed).toEqual([['usage'], ['usage', 'keys']]);
		vi.advanceTimersByTime(5000);
		expect(handed).toHaveLength(2);
	});
});

describe('the clipboard', () => {
	const clearsIn = (seconds: number) => ({
		clears_at: new Date(Date.now() + seconds * 1000).toISOString(),
		seconds_left: seconds
	});

	it('counts down and is empty at the end', () => {
		clipboard.show(clearsIn(45));
		expect([clipboard.holds, clipboard.left, clipboard.of]).toEqual([true, 45, 45]);
		vi.advanceTimersByTime(7000);
		expect(clipboard.left).toBe(38);
		vi.advanceTimersByTime(40_000);
		expect([clipboard.holds, clipboard.left]).toEqual([false, null]);
		expect(vi.getTimerCount()).toBe(0);
	});

	it('knows whose secret it holds, as long as it does', async () => {
		await clipboard.take('key_1', async () => clearsIn(45));
		expect([clipboard.holdsThatOf('key_1'), clipboard.holdsThatOf('whe_1')]).toEqual([true, false]);
		clipboard.show(null);
		clipboard.show(clearsIn(45));
		expect(clipboard.holdsThatOf('key_1')).toBe(false);
	});

	it('does not count where it is never cleared', () => {
		clipboard.show({ clears_at: null, seconds_left: null });
		expect([clipboard.holds, clipboard.left]).toEqual([true, null]);
		expect(vi.getTimerCount()).toBe(0);
		clipboard.show(null);
		expect(clipboard.holds).toBe(false);
	});
});

describe('lists in pages', () => {
	it('are read to their end', async () => {
		const pages: Record<string, { data: number[]; next_cursor: string | null }> = {
			start: { data: [1, 2], next_cursor: 'b' },
			b: { data: [3], next_cursor: null }
		};
		const rows = await wholeList(async (cursor) => pages[cursor ?? 'start'] ?? pages.b!);
		expect(rows).toEqual([1, 2, 3]);
	});
});

describe('counted keys', () => {
	const counts = [
		{ platform: 'cards', environment: 'live' as const, kept: 70_000, revoked: 5 },
		{ platform: 'cards', environment: 'test' as const, kept: 3, revoked: 0 },
		{ platform: 'reels', environment: 'live' as const, kept: 40, revoked: 2 }
	];

	it('are all of them, or those of a platform and environment', () => {
		expect(keyTotal(counts)).toBe(70_050);
		expect(keyTotal(counts, { platform: 'cards', environment: null })).toBe(70_008);
		expect(keysKept(counts, { platform: 'cards', environment: 'live' })).toBe(70_000);
		expect(keysKept(counts, { platform: 'rooms', environment: 'live' })).toBe(0);
	});
});

describe('questions of which one is still open', () => {
	it('are all read, so that none is missed', () => {
		const read: string[] = [];
		const query = (name: string, isPending: boolean) => ({
			get isPending() {
				read.push(name);
				return isPending;
			}
		});
		expect(anyPending(query('first', true), query('second', false))).toBe(true);
		expect(read).toEqual(['first', 'second']);
		expect(anyPending(query('third', false))).toBe(false);
	});
});

describe('ranges', () => {
	const now = Date.parse('2026-11-22T12:00:00Z');

	it('end now and reach as far back as they say', () => {
		const hour = usageQuery('hour', now);
		expect(Date.parse(hour.to) - Date.parse(hour.from)).toBe(RANGES.hour.seconds * 1000);
		expect(hour.interval).toBe('minute');
	});

	it('of days end with today, thirty in all', () => {
		const month = usageQuery('month', now);
		expect((Date.parse(month.to) - Date.parse(month.from)) / 86_400_000).toBe(29);
	});
});

describe('keys that a page names', () => {
	it('are asked for by their ids, a hundred at a time', async () => {
		const asked = vi.spyOn(backend, 'listKeys');
		asked.mockImplementation(({ ids }) =>
			Promise.resolve({
				data: (ids ?? '').split(',').map((id) => ({ id }) as Key),
				next_cursor: null
			})
		);
		const ids = Array.from({ length: 230 }, (_, i) => `key_${i}`);
		expect((await keysOf(ids)).map(({ id }) => id)).toEqual(ids);
		expect(asked.mock.calls.map(([{ ids }]) => ids?.split(',').length)).toEqual([100, 100, 30]);
		expect(await keysOf([])).toEqual([]);
		expect(asked).toHaveBeenCalledTimes(3);
		asked.mockRestore();
	});
});
