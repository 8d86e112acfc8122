import type {
	Chart,
	ChartSize,
	Measure,
	Multiple,
	Sparkline,
	Usage,
	UsageSeries
} from '../bindings';

const COLOURS = {
	light: {
		line: '#dfe2e4',
		base: '#81898e',
		text: '#61696e',
		live: '#005f92',
		test: '#5c656a',
		danger: '#ba2b28'
	},
	dark: {
		line: '#292c2f',
		base: '#727a7f',
		text: '#969ca1',
		live: '#6fc0f0',
		test: '#9fa6aa',
		danger: '#f5837c'
	}
};

function niceTop(most: number): number {
	const step = [1, 2, 2.5, 5, 10];
	for (let power = 0; power < 12; power++) {
		for (const one of step) {
			const top = one * 4 * 10 ** power;
			if (top >= most && Number.isInteger(top / 4)) return top;
		}
	}
	return most;
}

const values = (series: UsageSeries, measure: Measure) =>
	measure === 'requests' ? series.requests : series.credits.map((amount) => amount / 1_000_000);

const path = (points: { x: number; y: number }[]) =>
	points.map((p, i) => `${i ? 'L' : 'M'}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join('');

function spoken(usage: Usage, at: string): string {
	const minutes = { hour: '2-digit', minute: '2-digit' } as const;
	const day = { weekday: 'long', day: 'numeric', month: 'long' } as const;
	const options = usage.interval === 'day' ? day : { ...day, ...minutes };
	return new Intl.DateTimeFormat('en-GB', options).format(new Date(at)).replace(',', '');
}

function short(usage: Usage, at: string): string {
	const options =
		usage.interval === 'minute' || usage.interval === 'quarter_hour'
			? ({ hour: '2-digit', minute: '2-digit' } as const)
			: ({ day: 'numeric', month: 'short' } as const);
	return new Intl.DateTimeFormat('en-GB', options).format(new Date(at));
}

/** A plain drawing with the structure of the app's own charts. */
export function demoChart(usage: Usage, size: ChartSize, measure: Measure, least = 4): Chart {
	const colour = COLOURS[size.theme];
	const small = size.height < 140;
	const margin = { left: 44, top: 8, right: small ? 2 : 84, bottom: 24 };
	const frame = {
		...margin,
		width: size.width - margin.left - margin.right,
		height: size.height - margin.top - margin.bottom
	};
	const edge = { right: size.width - margin.right, bottom: size.height - margin.bottom };
	const lists = usage.series.map((series) => values(series, measure));
	const top = niceTop(Math.max(least, ...lists.flat()));
	const count = usage.starts.length;
	const x = (i: number) => frame.left + (count > 1 ? (i / (count - 1)) * frame.width : 0);
	const y = (value: number) => edge.bottom - (value / top) * frame.height;
	const text = (tx: number, ty: number, anchor: string, label: string, extra = '') =>
		`<text x="${tx}" y="${ty}" text-anchor="${anchor}" font-size="11.5" fill="${colour.text}" ${extra}>${label}</text>`;

	const unit = measure === 'credits' ? 1_000_000 : 1;
	const series = usage.series.map((one, s) => ({
		environment: one.environment,
		label: one.environment === 'live' ? 'Live' : 'Test',
		total: (lists[s] ?? []).reduce((sum, value) => sum + value * unit, 0),
		points: (lists[s] ?? []).map((value, i) => ({ x: x(i), y: y(value), value: value * unit }))
	}));

	const steps = small ? [0, 1] : [0, 0.25, 0.5, 0.75, 1];
	const grid = steps.map((part) => {
		const ly = y(top * part);
		const line = `<line x1="${frame.left}" x2="${edge.right}" y1="${ly}" y2="${ly}" stroke="${part ? colour.line : colour.base}"/>`;
		return line + text(frame.left - 10, ly + 4, 'end', (top * part).toLocaleString('en-GB'));
	});
	const every = Math.max(1, Math.ceil(90 / Math.max(1, frame.width / count)));
	const below = usage.starts
		.map((start, i) =>
			i % every === Math.floor(every / 2)
				? text(x(i), size.height - 6, 'middle', short(usage, start))
				: ''
		)
		.join('');
	const drawn = series.map(({ environment, points }) => {
		const live = environment === 'live';
		const line = path(points);
		const area = live
			? `<path d="${line}L${edge.right} ${edge.bottom}L${frame.left} ${edge.bottom}Z" fill="${colour.live}" fill-opacity="0.09"/>`
			: '';
		const dash = live ? '' : 'stroke-dasharray="5 3.5"';
		return `${area}<path d="${line}" fill="none" stroke="${colour[environment]}" stroke-width="${live ? 1.75 : 1.5}" ${dash}/>`;
	});
	const refused = usage.starts.map((_, i) =>
		usage.series.reduce((sum, one) => sum + (one.refused[i] ?? 0), 0)
	);
	const bars = refused.map((value, i) => {
		if (measure === 'credits' || value === 0) return '';
		const left = Math.min(Math.max(x(i) - 3, frame.left), edge.right - 6);
		const bar = `M${left} ${edge.bottom}V${Math.min(y(value), edge.bottom - 3)}h6V${edge.bottom}`;
		return `<path d="${bar}" fill="none" stroke="${colour.danger}"/>`;
	});
	const ends = small
		? ''
		: series
				.map(({ environment, label, points }) => {
					const last = points.at(-1);
					if (!last) return '';
					const shown = Math.round(last.value / unit).toLocaleString('en-GB');
					return text(
						edge.right + 10,
						last.y + 4,
						'start',
						`${label} ${shown}`,
						`font-weight="600" data-series="${environment}"`
					).replace(`fill="${colour.text}"`, `fill="${colour[environment]}"`);
				})
				.join('');

	return {
		svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif">${grid.join('')}${bars.join('')}${drawn.join('')}${below}${ends}</svg>`,
		frame,
		series,
		starts: usage.starts,
		refused,
		labels: usage.starts.map((start) => spoken(usage, start)),
		summary: `${measure === 'credits' ? 'Credits' : 'Requests'}, invented for looking at.`
	};
}

/** One small drawing a group, live and test on the same axes. */
export function demoSparklines(usage: Usage, size: ChartSize): Sparkline[] {
	const colour = COLOURS[size.theme];
	const groups = [...new Set(usage.series.map((series) => series.group))];
	return groups.map((group) => {
		const own = usage.series.filter((series) => series.group === group);
		const most = Math.max(1, ...own.flatMap((series) => series.requests));
		const lines = own.map(({ environment, requests }) => {
			const points = requests.map((value, i) => ({
				x: (i / Math.max(1, requests.length - 1)) * size.width,
				y: size.height - 2 - (value / most) * (size.height - 4)
			}));
			const dash = environment === 'live' ? '' : 'stroke-dasharray="3 2.5"';
			return `<path d="${path(points)}" fill="none" stroke="${colour[environment]}" stroke-width="${environment === 'live' ? 1.5 : 1.25}" ${dash}/>`;
		});
		return {
			group: group ?? '',
			svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">${lines.join('')}</svg>`
		};
	});
}

/** A small plot a group on the same axis, nine at most, the last one a sum. */
export function demoMultiples(
	grouped: Usage,
	size: ChartSize,
	measure: Measure,
	sum: (all: UsageSeries[]) => UsageSeries[]
): Multiple[] {
	const total = (all: UsageSeries[]) =>
		all.flatMap((one) => values(one, measure)).reduce((a, b) => a + b, 0);
	const groups = [...new Set(grouped.series.map((series) => series.group))]
		.map((group) => ({
			group,
			groups: 1,
			series: grouped.series.filter((series) => series.group === group)
		}))
		.sort((a, b) => total(b.series) - total(a.series));
	const rest = groups.length > 9 ? groups.splice(8) : [];
	if (rest.length > 0) {
		groups.push({ group: null, groups: rest.length, series: rest.flatMap(({ series }) => series) });
	}
	const summed = groups.map((one) => ({ ...one, series: sum(one.series) }));
	const top = Math.max(
		4,
		...summed
			.filter(({ group }) => group !== null)
			.flatMap(({ series }) => series.flatMap((one) => values(one, measure)))
	);
	return summed.map(({ group, groups: count, series }) => ({
		group,
		groups: count,
		chart: demoChart({ ...grouped, series }, size, measure, top)
	}));
}
