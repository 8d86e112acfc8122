import type { Json } from './request';

/** Characters on a line. */
const LINE = 84;

/** How a language writes what JSON has words for. */
export type Words = { none: string; yes: string; no: string };
export const JSON_WORDS: Words = { none: 'null', yes: 'true', no: 'false' };
export const PYTHON_WORDS: Words = { none: 'None', yes: 'True', no: 'False' };

/** A value on one line. */
function inline(value: Json, words: Words): string {
	if (value === null) return words.none;
	if (typeof value === 'boolean') return value ? words.yes : words.no;
	if (Array.isArray(value)) return `[${value.map((one) => inline(one, words)).join(', ')}]`;
	if (typeof value !== 'object') return JSON.stringify(value);
	const parts = Object.entries(value).map(
		([name, one]) => `${JSON.stringify(name)}: ${inline(one, words)}`
	);
	return `{${parts.join(', ')}}`;
}

/** A value as it is written in JSON, JavaScript or Python: objects too long for a line are split. */
export function laidOut(value: Json, words: Words, margin: string): string {
	const line = inline(value, words);
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (!isObject || line.length + margin.length <= LINE) return line;
	const inner = `${margin}  `;
	const parts = Object.entries(value).map(
		([name, one]) => `${inner}${JSON.stringify(name)}: ${laidOut(one, words, inner)}`
	);
	return `{\n${parts.join(',\n')}\n${margin}}`;
}
