import { describe, expect, it } from 'vitest';
import { dayText, endOfDay, endsAt, wrongDay } from './ends';

const now = new Date(2026, 10, 22, 12).getTime();

describe('the end of a key', () => {
	it('is the end of the day that was typed', () => {
		expect(endOfDay('2026-12-31')).toEqual(new Date(2027, 0, 1));
		expect(endOfDay('2026-02-30')).toBeNull();
		expect(endOfDay('31.12.2026')).toBeNull();
		expect(endsAt('date', '2026-12-31', now)).toBe(new Date(2027, 0, 1).toISOString());
	});

	it('is written as it was typed', () => {
		expect(dayText(endOfDay('2026-12-31')?.getTime() ?? 0)).toBe('2026-12-31');
		expect(dayText(now)).toBe('2026-11-22');
	});

	it('lies ahead', () => {
		expect(wrongDay('2026-11-22', now)).toBeUndefined();
		expect(wrongDay('2026-11-21', now)).toBe('21 Nov 2026 is over. Enter a later day.');
		expect(wrongDay('soon', now)).toContain('Enter a day as year-month-day');
	});

	it('may be never, or some days from now', () => {
		expect(endsAt('never', '', now)).toBeNull();
		expect(endsAt('30', '', now)).toBe(new Date(now + 30 * 86_400_000).toISOString());
	});
});
