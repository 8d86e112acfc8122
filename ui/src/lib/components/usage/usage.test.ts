import { describe, expect, it, vi } from 'vitest';
import { backend, type Chart } from '$lib/backend';
import { wrongDays } from './days';
import { groupName, othersName } from './groups';
import { columnsIn, csvOfMany, totalsOf } from './multiples';
import { intervalsOf, spanUntil, usualInterval } from './ranges';
import { midnight, offsetName, zones } from './zones';

const DAY = 86_400;

describe('intervals', () => {
	it.each([
		[3600, 'minute'],
		[DAY, 'quarter_hour'],
		[7 * DAY, 'hour'],
		[30 * DAY, 'day'],
		[365 * DAY, 'day']
	])('of %d seconds usually are a %s', (seconds, interval) => {
		expect(usualInterval(seconds, true)).toBe(interval);
	});

	it('are minutes only as long as minutes are kept', () => {
		expect(intervalsOf(3600, true)).toEqual(['minute', 'quarter_hour']);
		expect(intervalsOf(3600, false)).toEqual(['quarter_hour']);
		expect(intervalsOf(DAY, true)).not.toContain('minute');
	});

	it('are never so many that nobody reads them', () => {
		expect(intervalsOf(365 * DAY, true)).toEqual(['day']);
	});

	it('of days end with today, thirty in all', () => {
		const { from, to } = spanUntil(Date.parse('2026-11-22T12:00:00Z'), 30 * DAY, 'day');
		expect((to.getTime() - from.getTime()) / 1000 / DAY).toBe(29);
	});
});

describe('zones', () => {
	it('go by the names that they have today, whatever the engine calls them', () => {
		vi.spyOn(Intl, 'supportedValuesOf').mockReturnValue(['Asia/Calcutta', 'Europe/Kyiv']);
		expect(zones()).toEqual(expect.arrayContaining(['Asia/Kolkata', 'Europe/Kyiv']));
		expect(zones()).not.toContain('Asia/Calcutta');
		vi.restoreAllMocks();
	});

	it('begin with this computer’s and UTC, each once', () => {
		const all = zones();
		expect(all).toContain('UTC');
		expect(new Set(all).size).toBe(all.length);
	});

	it('know when a day begins, also where the clocks are set that day', () => {
		expect(midnight('2026-11-22', 'Europe/Vienna')?.toISOString()).toBe('2026-11-21T23:00:00.000Z');
		expect(midnight('2026-10-25', 'Europe/Vienna')?.toISOString()).toBe('2026-10-24T22:00:00.000Z');
		expect(midnight('2026-10-26', 'Europe/Vienna')?.toISOString()).toBe('2026-10-25T23:00:00.000Z');
		expect(midnight('2026-02-30', 'UTC')).toBeNull();
	});

	it('say how far they are from UTC', () => {
		const at = Date.parse('2026-11-22T12:00:00Z');
		expect(offsetName('Europe/Vienna', at)).toBe('UTC+1');
		expect(offsetName('America/St_Johns', at)).toBe('UTC−3:30');
		expect(offsetName('UTC', at)).toBe('UTC');
	});
});

describe('days of one’s own', () => {
	it('must be days, in their order, two years at most', () => {
		expect(wrongDays('2026-11-01', '2026-11-22')).toEqual({});
		expect(wrongDays('November', '2026-11-22').first).toBeDefined();
		expect(wrongDays('2026-11-22', '2026-11-01').last).toBeDefined();
		expect(wrongDays('2023-11-22', '2026-11-01').last).toBeDefined();
	});
});

const chart = (live: number[], test: number[], refused: number[]): Chart => {
	const series = (environment: 'live' | 'test', values: number[]) => ({
		environment,
		label: environment === 'live' ? 'Live' : 'Test',
		total: values.reduce((sum, one) => sum + one, 0),
		points: values.map((value, i) => ({ x: i, y: 0, value }))
	});
	return {
		svg: '',
		frame: { left: 44, top: 8, right: 2, bottom: 24, width: 200, height: 80 },
		series: [series('live', live), series('test', test)],
		starts: ['2026-11-12T00:00:00Z', '2026-11-13T00:00:00Z'],
		refused,
		labels: ['Thursday', 'Friday'],
		summary: ''
	};
};

describe('several plots', () => {
	it('say live and test apart, and leave out what did not happen', () => {
		expect(totalsOf(chart([1200, 34], [5, 0], [1, 2]), 'requests')).toBe(
			'1,234 live, 5 test, 3 refused'
		);
		expect(
			totalsOf(chart([4_500_000, 0], [0, 0], [9, 9]), 'credits', { name: 'USD', decimals: 2 })
		).toBe('4.50 live');
	});

	it('write CSV with a line a bucket and group', () => {
		const one = {
			group: 'key_1',
			groups: 1,
			name: 'A "b"',
			of: null,
			chart: chart([1, 2], [3, 4], [0, 1])
		};
		expect(csvOfMany([one], 'requests', 'key').split('\n')).toEqual([
			'start,key,name,requests_live,requests_test,refused',
			'"2026-11-12T00:00:00Z","key_1","A ""b""",1,3,0',
			'"2026-11-13T00:00:00Z","key_1","A ""b""",2,4,1'
		]);
	});

	it('stand beside each other where there is room', () => {
		expect(columnsIn(1000, 28)).toEqual({ columns: 3, each: 314 });
		expect(columnsIn(260, 28).columns).toBe(1);
	});
});

describe('groups', () => {
	it('are called as people call them', async () => {
		const platforms = await backend.listPlatforms();
		const { data: keys } = await backend.listKeys({ limit: 200 } as never);
		const [key, platform] = [keys[0]!, platforms[0]!];
		expect(groupName('key', key.id, platforms, new Map([[key.id, key]])).name).toBe(key.name);
		expect(groupName('platform', platform.slug, platforms).name).toBe(platform.name);
		expect(groupName('operation', 'gone', platforms)).toEqual({ name: 'gone', of: null });
		expect(othersName(3, 'key')).toBe('3 other keys');
	});
});
