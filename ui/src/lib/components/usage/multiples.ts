import type { Chart, ChartSeries, CreditUnit, Measure, Multiple, UsageGroup } from '$lib/backend';
import { begun, shown } from '$lib/components/charts/reading';
import { count } from '$lib/format/number';

/** A plot with the name of its group. */
export type NamedMultiple = Multiple & { name: string; of: string | null };

/** Live and test of a plot that are worth a number: those in which something happened. */
export const told = (chart: Chart): ChartSeries[] => {
	const some = chart.series.filter(({ total }) => total !== 0);
	return some.length > 0 ? some : chart.series.slice(0, 1);
};

/** `12,480 live, 1,240 test, 12 refused` */
export function totalsOf(chart: Chart, measure: Measure, unit?: CreditUnit): string {
	const refused = chart.refused.reduce((sum, one) => sum + one, 0);
	const parts = told(chart).map(
		({ environment, total }) => `${shown(total, measure, unit)} ${environment}`
	);
	if (measure === 'requests' && refused > 0) parts.push(`${count(refused)} refused`);
	return parts.join(', ');
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** The numbers of all plots as CSV, a line a bucket and group, the oldest first. */
export function csvOfMany(all: NamedMultiple[], measure: Measure, by: UsageGroup): string {
	const plain = (value: number) => String(measure === 'requests' ? value : value / 1_000_000);
	const series = all[0]?.chart.series ?? [];
	const head = [
		'start',
		by,
		'name',
		...series.map(({ environment }) => `${measure}_${environment}`),
		'refused'
	];
	const lines = all.flatMap(({ chart, group, name }) =>
		chart.starts
			.slice(0, begun(chart))
			.map((start, i) =>
				[
					quoted(start),
					quoted(group ?? ''),
					quoted(name),
					...chart.series.map(({ points }) => plain(points[i]?.value ?? 0)),
					String(chart.refused[i] ?? 0)
				].join(',')
			)
	);
	return [head.join(','), ...lines].join('\n');
}

/** How many plots of at least 280 px stand beside each other, and how wide each is. */
export function columnsIn(width: number, gap: number): { columns: number; each: number } {
	const columns = Math.max(1, Math.floor((width + gap) / (280 + gap)));
	return { columns, each: Math.floor((width - (columns - 1) * gap) / columns) };
}
