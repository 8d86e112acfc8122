import { describe, expect, it } from 'vitest';
import type { CutOver, Key } from '$lib/backend';
import { barsOf, graceOf, isRunning, spoken, totals, unsafeWords } from './cut-over';

const now = Date.parse('2026-11-22T12:00:00Z');
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const cutOver = (change: Partial<CutOver>): CutOver => ({
	old: { status: 'retiring', grace_ends_at: ago(-360) } as Key,
	new: { created_at: ago(360) } as Key,
	minutes: [ago(1), ago(0)],
	old_calls: [3, 0],
	new_calls: [1, 9],
	old_last_call_at: ago(1),
	new_last_success_at: ago(0),
	silent_for_seconds: 900,
	safe_to_end: false,
	...change
});

describe('a rotation under way', () => {
	it('says why the old key is not to be ended yet', () => {
		const words = (change: Partial<CutOver>) => unsafeWords(cutOver(change), now);
		expect(words({})).toBe('The old key was called 1 min ago. It has to be silent for 15 min.');
		expect(words({ old_last_call_at: ago(0.2) })).toContain('was called just now.');
		expect(words({ new_last_success_at: null })).toContain('No call with the new key');
		expect(words({ safe_to_end: true })).toBeNull();
	});

	it('counts the calls of both keys and says them', () => {
		expect(totals(cutOver({}))).toEqual({ old: 3, new: 10 });
		expect(spoken(cutOver({}))).toMatch(/^10 calls with the new key and 3 calls with the old key/);
		expect(isRunning(cutOver({ old: { status: 'expired' } as Key }))).toBe(false);
	});

	it('knows how much of the grace is left', () => {
		expect(graceOf(cutOver({}), ago(360), now)).toEqual({ words: '6 h left', share: 0.5 });
	});

	it('draws both keys to the same scale and hides no call', () => {
		expect(barsOf([1000, 1, 0], 1000, 28, 5)).toEqual([
			{ x: 0, height: 28 },
			{ x: 5, height: 2 },
			{ x: 10, height: 0 }
		]);
	});
});
