import type { Chart, CreditUnit, Measure } from '$lib/backend';
import { amount } from '$lib/format/amount';
import { count } from '$lib/format/number';

/** How many buckets hold points: those that have begun. */
export const begun = (chart: Chart) => chart.series[0]?.points.length ?? 0;

/** The bucket whose point is nearest to a place in the picture, in pixels from its left. */
export function nearest(chart: Chart, x: number): number {
	const points = chart.series[0]?.points ?? [];
	let best = -1;
	let least = Infinity;
	points.forEach((point, i) => {
		const away = Math.abs(point.x - x);
		if (away < least) [best, least] = [i, away];
	});
	return best;
}

/** A value as the tooltip shows it: calls, or credits with the decimals of their unit. */
export const shown = (value: number, measure: Measure, unit?: CreditUnit) =>
	measure === 'requests' ? count(value) : amount(value, unit?.decimals);

type Said = {
	/** The one series that is chosen. */
	only?: number | undefined;
	note?: string | undefined;
	unit?: CreditUnit | undefined;
};

/** `Thursday 12 November, live 8,619, test 1,481, refused 96`; one series where one is chosen. */
export function spokenPoint(
	chart: Chart,
	at: number,
	measure: Measure,
	{ only, note, unit }: Said = {}
): string {
	const parts = chart.series
		.filter((_, i) => only === undefined || i === only)
		.map(
			({ environment, points }) => `${environment} ${shown(points[at]?.value ?? 0, measure, unit)}`
		);
	const refused =
		measure === 'requests' && only === undefined
			? [`refused ${count(chart.refused[at] ?? 0)}`]
			: [];
	const notes = note ? [note] : [];
	return [chart.labels[at] ?? '', ...parts, ...refused, ...notes].join(', ');
}

/** Where an arrow, Home or End leads from a point; null for other keys. */
export function step(key: string, from: number | null, length: number): number | null {
	const last = length - 1;
	if (last < 0) return null;
	switch (key) {
		case 'ArrowLeft':
			return Math.max(0, (from ?? length) - 1);
		case 'ArrowRight':
			return Math.min(last, (from ?? -1) + 1);
		case 'Home':
			return 0;
		case 'End':
			return last;
		default:
			return null;
	}
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** The chart's numbers as CSV, the oldest first. */
export function csv(chart: Chart, measure: Measure): string {
	const plain = (value: number) => String(measure === 'requests' ? value : value / 1_000_000);
	const head = [
		'start',
		...chart.series.map(({ environment }) => `${measure}_${environment}`),
		'refused'
	];
	const rows = chart.starts
		.slice(0, begun(chart))
		.map((start, i) =>
			[
				quoted(start),
				...chart.series.map(({ points }) => plain(points[i]?.value ?? 0)),
				String(chart.refused[i] ?? 0)
			].join(',')
		);
	return [head.join(','), ...rows].join('\n');
}
