import type { HeaderScheme, Platform } from '$lib/backend';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** A field of a form; a file is named by its path. */
export type Part = { name: string; text: string; file: boolean };
export type Body =
	| { kind: 'none' }
	| { kind: 'json'; value: Json }
	| { kind: 'text'; text: string }
	| { kind: 'form'; parts: Part[] };

/** A sample request as every language says it. */
export type Sample = {
	method: string;
	url: string;
	/** The key's header, and what stands before the key in it. */
	scheme: HeaderScheme;
	/** The environment variable that holds the key. */
	variable: string;
	/** Headers beside the key's. A `{uuid}` is to be a fresh one. */
	headers: { name: string; value: string }[];
	body: Body;
};

export const UUID = '{uuid}';
const FORM = 'multipart/form-data';

const isType = ({ name }: { name: string }) => name.toLowerCase() === 'content-type';

function parsed(body: string): Json | undefined {
	try {
		return JSON.parse(body) as Json;
	} catch {
		return undefined;
	}
}

/** A form's fields; as with curl, a value that begins with `@` names a file. */
function partsOf(value: Json | undefined): Part[] {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
	return Object.entries(value).map(([name, one]) => {
		const text = typeof one === 'string' ? one : JSON.stringify(one);
		const file = text.startsWith('@');
		return { name, text: file ? text.slice(1) : text, file };
	});
}

function bodyOf({ body, headers }: Platform['sample']): Body {
	if (body === null) return { kind: 'none' };
	const value = parsed(body);
	if (headers.some((one) => isType(one) && one.value.startsWith(FORM))) {
		return { kind: 'form', parts: partsOf(value) };
	}
	return value === undefined ? { kind: 'text', text: body } : { kind: 'json', value };
}

/** The platform's sample request, its key sent in this way. */
export function sampleOf(platform: Platform, scheme: HeaderScheme): Sample {
	const { sample, base_url, key_variable } = platform;
	const body = bodyOf(sample);
	const typed = sample.headers.some(isType);
	const own =
		// What writes a form also writes its type, with the boundary.
		body.kind === 'form' ? sample.headers.filter((one) => !isType(one)) : sample.headers;
	const json = { name: 'Content-Type', value: 'application/json' };
	return {
		method: sample.method,
		url: base_url + sample.path,
		scheme,
		variable: key_variable,
		headers: typed || body.kind === 'none' ? own : [json, ...own],
		body
	};
}
