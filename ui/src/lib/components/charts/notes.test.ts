import { describe, expect, it } from 'vitest';
import type { Chart } from '$lib/backend';
import { marksOf } from './notes';

const day = (date: number, time = '00:00') => `2026-11-${date}T${time}:00Z`;
const chart: Chart = {
	svg: '',
	frame: { left: 44, top: 8, right: 84, bottom: 24, width: 300, height: 200 },
	series: [
		{
			environment: 'live',
			label: 'Live',
			total: 0,
			points: [0, 1, 2].map((i) => ({ x: 44 + i * 100, y: 0, value: 0 }))
		}
	],
	starts: [day(10), day(11), day(12), day(13)],
	refused: [0, 0, 0, 0],
	labels: [],
	summary: ''
};
const note = (at: string, text: string) => ({ at, text });

describe('notes on a chart', () => {
	it('stand at their bucket, together where they share one', () => {
		const marks = marksOf(chart, [
			note(day(11, '09:00'), 'Two revoked'),
			note(day(11, '08:00'), 'One paused')
		]);
		expect(marks).toHaveLength(1);
		expect(marks[0]).toMatchObject({ index: 1, x: 144, text: 'One paused and 1 more' });
	});

	it('are left out before the range, after it and in what has not begun', () => {
		const outside = ['2026-10-01T00:00:00Z', day(13, '01:00'), day(14)];
		expect(
			marksOf(
				chart,
				outside.map((at) => note(at, 'x'))
			)
		).toEqual([]);
	});

	it('turn to the side with room, and keep off each other', () => {
		const long = 'A long name revoked';
		const [first, second] = marksOf(chart, [note(day(10), long), note(day(11), long)]);
		expect(first?.label?.anchor).toBe('start');
		expect(second?.label).toBeNull();
		const [last] = marksOf(chart, [note(day(12), long)]);
		expect(last?.label).toMatchObject({ anchor: 'end', text: long });
	});
});
