import { describe, expect, it } from 'vitest';
import type { Platform } from '$lib/backend';
import { emptyMeans, limitsOf, toAmount, toNumber } from './limits';

const platform = (change: Partial<Platform> = {}) =>
	({
		unit: { name: 'USD', decimals: 2 },
		requests_per_minute: 60,
		concurrency: null,
		...change
	}) as Platform;
const taken = (name: string, texts: string[]) => {
	const limit = limitsOf(platform()).find((one) => one.name === name);
	return texts.filter((text) => limit?.wrong(text) === undefined);
};

describe('limits', () => {
	it('are read with or without grouping', () => {
		expect(toNumber('1,200')).toBe(1200);
		expect(toNumber(' ')).toBeNaN();
		expect(toAmount('1 000.12')).toBe(1_000_120_000);
	});

	it('are whole numbers of requests and operations', () => {
		const requests = ['0', '1', '1.5', '100,000', '100001', 'x', ''];
		expect(taken('requests_per_minute', requests)).toEqual(['1', '100,000']);
		expect(taken('concurrent_limit', ['5', '10000', '10001', '-1'])).toEqual(['5', '10000']);
	});

	it('are exact amounts of credits', () => {
		const amounts = ['25', '0.12', '.5', '0', '0.1234567', '1e3', '1000000001', '-4', '5.'];
		expect(taken('daily_limit', amounts)).toEqual(['25', '0.12', '.5']);
	});

	it('speak the platform’s unit, and say what holds where there is none', () => {
		const of = (change: Partial<Platform>) => limitsOf(platform(change));
		expect(of({}).map(({ label }) => label)).toEqual([
			'Requests a minute',
			'In parallel',
			'USD a day',
			'USD in all'
		]);
		expect(of({ concurrency: 5 }).map(emptyMeans)[1]).toBe('Empty means the platform’s 5.');
		expect(of({}).map(emptyMeans)[1]).toBe('Empty means no limit.');
		expect(of({})[2]?.written(1_500_000)).toBe('1.50');
	});
});
