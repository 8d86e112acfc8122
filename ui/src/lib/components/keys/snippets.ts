import type { HeaderScheme, Platform } from '$lib/backend';

export type Language = 'curl' | 'python' | 'javascript';
export const LANGUAGES: { value: Language; label: string }[] = [
	{ value: 'curl', label: 'curl' },
	{ value: 'python', label: 'Python' },
	{ value: 'javascript', label: 'JavaScript' }
];

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** Characters on a line. */
const LINE = 84;
const UUID = '{uuid}';

/** A header scheme as one reads it: `Authorization: Bearer`. */
export const schemeName = ({ header, prefix }: HeaderScheme) =>
	prefix ? `${header}: ${prefix.trim()}` : header;

type Words = { none: string; yes: string; no: string };
const JSON_WORDS: Words = { none: 'null', yes: 'true', no: 'false' };
const PYTHON_WORDS: Words = { none: 'None', yes: 'True', no: 'False' };

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
function laidOut(value: Json, words: Words, margin: string): string {
	const line = inline(value, words);
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (!isObject || line.length + margin.length <= LINE) return line;
	const inner = `${margin}  `;
	const parts = Object.entries(value).map(
		([name, one]) => `${inner}${JSON.stringify(name)}: ${laidOut(one, words, inner)}`
	);
	return `{\n${parts.join(',\n')}\n${margin}}`;
}

function parsed(body: string | null): Json | undefined {
	try {
		return body === null ? undefined : (JSON.parse(body) as Json);
	} catch {
		return undefined;
	}
}

/** The request's headers beside the key's; a body without a type is JSON. */
function headersOf({ sample }: Platform) {
	const typed = sample.headers.some(({ name }) => name.toLowerCase() === 'content-type');
	return typed || sample.body === null
		? sample.headers
		: [{ name: 'Content-Type', value: 'application/json' }, ...sample.headers];
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(platform: Platform, scheme: HeaderScheme, uuid: string) {
	const { sample, base_url, key_variable } = platform;
	const method =
		sample.method === (sample.body === null ? 'GET' : 'POST') ? '' : ` -X ${sample.method}`;
	const lines = [
		`curl${method} ${base_url}${sample.path}`,
		`-H "${scheme.header}: ${scheme.prefix}$${key_variable}"`,
		...headersOf(platform).map(({ name, value }) => `-H "${name}: ${value.replaceAll(UUID, uuid)}"`)
	];
	if (sample.body !== null) {
		const body = parsed(sample.body);
		const text = body === undefined ? sample.body : laidOut(body, JSON_WORDS, '  ');
		lines.push(`-d ${shellQuoted(text)}`);
	}
	return lines.join(' \\\n  ');
}

function pythonSnippet(platform: Platform, scheme: HeaderScheme) {
	const { sample, base_url, key_variable } = platform;
	const variable = `os.environ["${key_variable}"]`;
	const fresh = (value: string) => (value === UUID ? 'str(uuid.uuid4())' : JSON.stringify(value));
	const headers = [
		`"${scheme.header}": ${scheme.prefix ? `${JSON.stringify(scheme.prefix)} + ` : ''}${variable},`,
		...headersOf(platform).map(({ name, value }) => `"${name}": ${fresh(value)},`)
	];
	const modules = ['json', 'os', 'urllib.request', 'uuid'].filter(
		(name) =>
			(name !== 'uuid' || sample.headers.some(({ value }) => value === UUID)) &&
			(name !== 'json' || sample.body !== null)
	);
	const body = parsed(sample.body);
	const data =
		body === undefined
			? JSON.stringify(sample.body)
			: `json.dumps(${laidOut(body, PYTHON_WORDS, '    ')})`;
	return [
		`import ${modules.join(', ')}`,
		'',
		'request = urllib.request.Request(',
		`    "${base_url}${sample.path}",`,
		`    method="${sample.method}",`,
		'    headers={',
		...headers.map((line) => `        ${line}`),
		'    },',
		...(sample.body === null ? [] : [`    data=${data}.encode(),`]),
		')',
		'with urllib.request.urlopen(request) as answer:',
		'    print(answer.status, answer.read().decode())'
	].join('\n');
}

function javascript(platform: Platform, scheme: HeaderScheme) {
	const { sample, base_url, key_variable } = platform;
	const fresh = (value: string) => (value === UUID ? 'crypto.randomUUID()' : JSON.stringify(value));
	const headers = [
		`${JSON.stringify(scheme.header)}: \`${scheme.prefix}\${process.env.${key_variable}}\`,`,
		...headersOf(platform).map(({ name, value }) => `${JSON.stringify(name)}: ${fresh(value)},`)
	];
	const body = parsed(sample.body);
	const data =
		body === undefined
			? JSON.stringify(sample.body)
			: `JSON.stringify(${laidOut(body, JSON_WORDS, '  ')})`;
	return [
		`fetch("${base_url}${sample.path}", {`,
		`  method: "${sample.method}",`,
		'  headers: {',
		...headers.map((line) => `    ${line}`),
		'  },',
		...(sample.body === null ? [] : [`  body: ${data},`]),
		'})',
		'  .then((answer) => answer.json())',
		'  .then(console.log);'
	].join('\n');
}

/** The platform's sample request in a language, reading the key from its variable. */
export function snippet(
	language: Language,
	platform: Platform,
	scheme: HeaderScheme,
	uuid: string
): string {
	if (language === 'python') return pythonSnippet(platform, scheme);
	if (language === 'javascript') return javascript(platform, scheme);
	return curl(platform, scheme, uuid);
}

/** A snippet in pieces: the variable's name apart, so that it can stand out. */
export function pieces(text: string, variable: string): { text: string; variable: boolean }[] {
	return text
		.split(new RegExp(`(\\$?${variable})`))
		.filter(Boolean)
		.map((part) => ({
			text: part,
			variable: part.endsWith(variable) && part.length <= variable.length + 1
		}));
}

/** A fresh UUID, also where `randomUUID` is missing. */
export function freshUuid(): string {
	if (crypto.randomUUID) return crypto.randomUUID();
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
