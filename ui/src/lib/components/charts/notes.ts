import type { Chart } from '$lib/backend';
import { begun } from './reading';

/** Something that happened and may explain a line: "Card renderer revoked". */
export type Note = { at: string; text: string };
/** A note at its bucket. Its text is left out where it would lie on another. */
export type Mark = { index: number; x: number; text: string; label: Label | null };
type Label = { x: number; anchor: 'start' | 'end'; text: string };

/** What a character of a label takes at most, in pixels. */
const CHARACTER = 6.6;
const GAP = 6;
/** How far a note's line rises above the plot, to stand beside its text. */
const ABOVE = 13;
const LONGEST = 40;

/** The notes that fall into the chart, one mark a bucket. */
export function marksOf(chart: Chart, notes: Note[]): Mark[] {
	const texts = new Map<number, string[]>();
	for (const { at, text } of [...notes].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
		const index = bucketOf(chart, Date.parse(at));
		if (index >= 0) texts.set(index, [...(texts.get(index) ?? []), text]);
	}
	let free = chart.frame.left;
	return [...texts].map(([index, [first = '', ...more]]) => {
		const x = chart.series[0]?.points[index]?.x ?? 0;
		const rest = more.length > 0 ? ` and ${more.length} more` : '';
		const text = `${first}${rest}`;
		const label = labelAt(chart, x, `${shortened(first, LONGEST - rest.length)}${rest}`, free);
		if (label) free = label.end + GAP;
		return { index, x, text, label };
	});
}

/** The bucket a moment falls into; -1 outside the chart. */
function bucketOf(chart: Chart, at: number): number {
	const times = chart.starts.map((start) => Date.parse(start));
	const length = (times[1] ?? Infinity) - (times[0] ?? 0);
	const index = times.findLastIndex((time) => time <= at);
	const inside = index >= 0 && at < (times[index] ?? 0) + length;
	return inside && index < begun(chart) ? index : -1;
}

function labelAt({ frame }: Chart, x: number, text: string, free: number) {
	const width = text.length * CHARACTER;
	if (x + GAP >= free && x + GAP + width <= frame.left + frame.width) {
		return { x: x + GAP, anchor: 'start' as const, text, end: x + GAP + width };
	}
	if (x - GAP - width >= free) return { x: x - GAP, anchor: 'end' as const, text, end: x };
	return null;
}

const shortened = (text: string, longest: number) =>
	text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

export const escaped = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The marks as a part of an SVG: a dotted line each, its text above the plot, clear of its lines. */
export function drawnMarks(
	{ frame }: Chart,
	marks: Mark[],
	ink: { paper: string; quiet: string }
): string {
	const lines = marks.map(({ x, label }) => {
		const line = `<path d="M${x} ${frame.top - ABOVE}v${frame.height + ABOVE}" stroke="${ink.quiet}" stroke-dasharray="1 3"/>`;
		if (!label) return line;
		return `${line}<text x="${label.x}" y="${frame.top - 4}" text-anchor="${label.anchor}" font-size=".71875rem" fill="${ink.quiet}" stroke="${ink.paper}" stroke-width="3" paint-order="stroke">${escaped(label.text)}</text>`;
	});
	return `<g>${lines.join('')}</g>`;
}
