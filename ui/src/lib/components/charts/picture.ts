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
	const { left, width, right, top, height, bottom } = chart.frame;
	const [wide, tall] = [left + width + right, top + height + bottom];
	const line = (y: number, size: number, color: string, text: string, weight = 400) =>
		`<text x="${EDGE}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${color}">${escaped(text)}</text>`;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${wide + 2 * EDGE}" height="${HEAD + tall + FOOT}" font-family="${escaped(ink.font)}" role="img" aria-label="${escaped(chart.summary)}">`,
		`<title>${escaped(caption.title)}</title>`,
		`<rect width="100%" height="100%" fill="${ink.paper}"/>`,
		line(26, 14, ink.text, caption.title, 600),
		line(44, 11.5, ink.quiet, caption.range),
		`<g transform="translate(${EDGE} ${HEAD})">${chart.svg}${drawnMarks(chart, marks, ink)}</g>`,
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
