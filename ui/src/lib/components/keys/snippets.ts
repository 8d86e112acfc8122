import type { HeaderScheme, Platform } from '$lib/backend';

export type Language = 'curl' | 'python' | 'javascript';
export const LANGUAGES: { value: Language; label: string }[] = [
	{ value: 'curl', label: 'curl' },
	{ value: 'python', label: 'Python' },
	{ value: 'javascript', label: 'JavaScript' }
];

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** A body of up to this many characters stays on its line. */
const LINE = 90;
const UUID = '{uuid}';

/** A header scheme as one reads it: `Authorization: Bearer`. */
export const schemeName = ({ header, prefix }: HeaderScheme) =>
	prefix ? `${header}: ${prefix.trim()}` : header;

const indented = (text: string, by: string) => text.replaceAll('\n', `\n${by}`);

/** A JSON value as Python writes it. */
function python(value: Json, depth = 0): string {
	const inner = '    '.repeat(depth + 1);
	const outer = '    '.repeat(depth);
	if (value === null) return 'None';
	if (value === true) return 'True';
	if (value === false) return 'False';
	if (Array.isArray(value)) {
		return `[${value.map((one) => python(one, depth)).join(', ')}]`;
	}
	if (typeof value === 'object') {
		const lines = Object.entries(value).map(
			([name, one]) => `${inner}${JSON.stringify(name)}: ${python(one, depth + 1)},`
		);
		return lines.length ? `{\n${lines.join('\n')}\n${outer}}` : '{}';
	}
	return JSON.stringify(value);
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

/** JSON on one line with a space after colons and commas, or over several where it is long. */
function laidOut(body: Json): string {
	const lines = JSON.stringify(body, null, 2);
	const line = lines.replace(/\n\s*/g, ' ').replace(/([{[]) | ([}\]])/g, '$1$2');
	return line.length <= LINE ? line : lines;
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
		const text = body === undefined ? sample.body : laidOut(body);
		lines.push(`-d ${shellQuoted(indented(text, '  '))}`);
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
	const data = body === undefined ? JSON.stringify(sample.body) : `json.dumps(${python(body, 1)})`;
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
			: `JSON.stringify(${indented(JSON.stringify(body, null, 2), '  ')})`;
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
