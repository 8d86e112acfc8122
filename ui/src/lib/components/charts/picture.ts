import type { Chart } from '$lib/backend';
import { drawnMarks, escaped, type Mark } from './notes';

/** What a picture that leaves the app says of itself. */
export type Caption = {
	/** "Requests, all platforms". */
	title: string;
	/** "Last 24 hours, times in UTC". */
	range: string;
	/** "Latchkey, 127.0.0.1:4780, 27 Nov 2026, 05:16:00". */
	source: string;
};
export type Ink = { paper: string; text: string; quiet: string; font: string };

const EDGE = 16;
const HEAD = 58;
const FOOT = 30;

/** The chart as a file of its own: with its title, range, zone and source. */
export function standalone(chart: Chart, marks: Mark[], caption: Caption, ink: Ink): string {
	const { wide, tall } = sizeOf(chart);
	return sheet(
		`${chart.svg}${drawnMarks(chart, marks, ink)}`,
		wide,
		tall,
		chart.summary,
		caption,
		ink
	);
}

/** One plot of several. */
export type Panel = { name: string; totals: string; chart: Chart };

const PANEL_HEAD = 24;
const PANEL_GAP = 28;

/** Small multiples as a file of their own, in so many columns. */
export function standaloneMany(
	panels: Panel[],
	columns: number,
	caption: Caption,
	ink: Ink
): string {
	const sizes = panels.map(({ chart }) => sizeOf(chart));
	const wide = Math.max(1, ...sizes.map((size) => size.wide));
	const tall = Math.max(1, ...sizes.map((size) => size.tall)) + PANEL_HEAD;
	const drawn = panels.map(({ name, totals, chart }, i) => {
		const place = {
			x: (i % columns) * (wide + PANEL_GAP),
			y: Math.floor(i / columns) * (tall + PANEL_GAP)
		};
		const words = `<text y="12" font-size="12" fill="${ink.text}"><tspan font-weight="600">${escaped(name)}</tspan><tspan dx="8" fill="${ink.quiet}">${escaped(totals)}</tspan></text>`;
		return `<g transform="translate(${place.x} ${place.y})">${words}<g transform="translate(0 ${PANEL_HEAD})">${chart.svg}</g></g>`;
	});
	const rows = Math.ceil(panels.length / columns);
	const across = Math.min(columns, panels.length);
	return sheet(
		drawn.join(''),
		across * (wide + PANEL_GAP) - PANEL_GAP,
		rows * (tall + PANEL_GAP) - PANEL_GAP,
		panels.map(({ name, totals }) => `${name}: ${totals}`).join('. '),
		caption,
		ink
	);
}

function sizeOf({ frame }: Chart) {
	const { left, width, right, top, height, bottom } = frame;
	return { wide: left + width + right, tall: top + height + bottom };
}

/** A drawing with what it says of itself above and below. */
function sheet(
	drawing: string,
	wide: number,
	tall: number,
	summary: string,
	caption: Caption,
	ink: Ink
): string {
	const line = (y: number, size: number, color: string, text: string, weight = 400) =>
		`<text x="${EDGE}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${color}">${escaped(text)}</text>`;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${wide + 2 * EDGE}" height="${HEAD + tall + FOOT}" font-family="${escaped(ink.font)}" role="img" aria-label="${escaped(summary)}">`,
		`<title>${escaped(caption.title)}</title>`,
		`<rect width="100%" height="100%" fill="${ink.paper}"/>`,
		line(26, 14, ink.text, caption.title, 600),
		line(44, 11.5, ink.quiet, caption.range),
		`<g transform="translate(${EDGE} ${HEAD})">${drawing}</g>`,
		line(HEAD + tall + 18, 11.5, ink.quiet, caption.source),
		'</svg>'
	].join('\n');
}

/** An SVG as PNG at twice its size, so that it stays sharp where it is put. */
export async function toPng(svg: string): Promise<Blob> {
	const image = new Image();
	image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
	await image.decode();
	const canvas = document.createElement('canvas');
	canvas.width = image.naturalWidth * 2;
	canvas.height = image.naturalHeight * 2;
	canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
	return new Promise((done, fail) => {
		canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('It could not be drawn.'))));
	});
}

/** The page's own colours and type, as they are in force. */
export function inkOf(page: HTMLElement): Ink {
	const style = getComputedStyle(page);
	const of = (name: string) => style.getPropertyValue(name).trim();
	return {
		paper: of('--canvas'),
		text: of('--text'),
		quiet: of('--text-3'),
		font: of('--sans')
	};
}
