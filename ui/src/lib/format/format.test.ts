import { describe, expect, it } from 'vitest';
import { amount, amountWithUnit } from './amount';
import { count, duration, plural, share, size } from './number';
import { relative, span, upcoming } from './time';

const now = new Date(2026, 10, 22, 12, 4, 0).getTime();
const ago = (minutes: number) => now - minutes * 60_000;

describe('numbers', () => {
	it('groups thousands and counts things', () => {
		expect(count(12480)).toBe('12,480');
		expect(plural(1, 'key')).toBe('1 key');
		expect(plural(1200, 'key')).toBe('1,200 keys');
		expect(duration(211)).toBe('211 ms');
		expect(duration(10_000)).toBe('10.0 s');
		expect(size(148)).toBe('148 bytes');
	});

	it('never rounds a share to none or all', () => {
		expect(share(0, 0)).toBe('–');
		expect(share(4, 1000)).toBe('0.4 %');
		expect(share(1, 100_000)).toBe('< 0.1 %');
		expect(share(99_999, 100_000)).toBe('> 99.9 %');
		expect(share(5, 5)).toBe('100 %');
	});
});

describe('amounts', () => {
	it('shows the unit and its decimals, and never hides a part', () => {
		expect(amountWithUnit(11_204_000_000, { name: 'credits', decimals: 0 })).toBe('11,204 credits');
		expect(amountWithUnit(1_000_000, { name: 'credits', decimals: 0 })).toBe('1 credit');
		expect(amountWithUnit(312_000_000, { name: 'USD', decimals: 2 })).toBe('312.00 USD');
		expect(amount(120_000)).toBe('0.12');
	});
});

describe('times', () => {
	it('speaks relatively under seven days', () => {
		expect(relative(ago(0.2), now)).toBe('Now');
		expect(relative(ago(4), now)).toBe('4 min ago');
		expect(relative(ago(180), now)).toBe('3 h ago');
		expect(relative(ago(60 * 24), now)).toBe('Yesterday');
		expect(relative(ago(60 * 24 * 6), now)).toBe('6 days ago');
		expect(relative(ago(60 * 24 * 30), now)).toBe('23 Oct');
	});

	it('names the day of what is to come', () => {
		expect(upcoming(now + 4 * 60_000, now)).toBe('12:08');
		expect(upcoming(now + 24 * 3_600_000, now)).toBe('tomorrow 12:04');
	});

	it('rounds spans', () => {
		expect([5, 300, 7200].map(span)).toEqual(['5 s', '5 min', '2 h']);
	});
});
