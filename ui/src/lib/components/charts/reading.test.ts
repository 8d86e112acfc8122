import { describe, expect, it } from 'vitest';
import type { Chart } from '$lib/backend';
import { csv, nearest, spokenPoint, step } from './reading';

const points = (values: number[]) => values.map((value, i) => ({ x: 44 + i * 10, y: 0, value }));
const chart: Chart = {
	svg: '',
	frame: { left: 44, top: 8, right: 84, bottom: 24, width: 20, height: 100 },
	series: [
		{ environment: 'live', label: 'Live', total: 9, points: points([8619, 0, 1]) },
		{ environment: 'test', label: 'Test', total: 9, points: points([1481, 2, 3]) }
	],
	starts: ['2026-11-12T00:00:00Z', '2026-11-13T00:00:00Z', '2026-11-14T00:00:00Z'],
	refused: [96, 0, 0],
	labels: ['Thursday 12 November', 'Friday 13 November', 'Saturday 14 November'],
	summary: ''
};

describe('reading a chart', () => {
	it('finds the nearest point', () => {
		expect(nearest(chart, 0)).toBe(0);
		expect(nearest(chart, 56)).toBe(1);
		expect(nearest(chart, 900)).toBe(2);
	});

	it('says a point in full, or one series of it', () => {
		expect(spokenPoint(chart, 0, 'requests')).toBe(
			'Thursday 12 November, live 8,619, test 1,481, refused 96'
		);
		expect(spokenPoint(chart, 0, 'requests', { only: 1 })).toBe('Thursday 12 November, test 1,481');
	});

	it('says credits in credits', () => {
		const spent = structuredClone(chart);
		spent.series = [{ ...chart.series[0]!, points: points([4_000_000]) }];
		expect(spokenPoint(spent, 0, 'credits')).toBe('Thursday 12 November, live 4');
	});

	it('walks by arrows and stays inside', () => {
		expect(step('ArrowLeft', null, 3)).toBe(2);
		expect(step('ArrowRight', null, 3)).toBe(0);
		expect(step('ArrowRight', 2, 3)).toBe(2);
		expect(step('Home', 2, 3)).toBe(0);
		expect(step('x', 2, 3)).toBeNull();
		expect(step('End', null, 0)).toBeNull();
	});

	it('writes CSV', () => {
		expect(csv(chart, 'requests').split('\n').slice(0, 2)).toEqual([
			'start,requests_live,requests_test,refused',
			'"2026-11-12T00:00:00Z",8619,1481,96'
		]);
	});
});
