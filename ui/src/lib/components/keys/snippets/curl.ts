import { JSON_WORDS, laidOut } from './json';
import { UUID, type Body, type Sample } from './request';

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bodyLines(body: Body): string[] {
	if (body.kind === 'none') return [];
	if (body.kind === 'text') return [`-d ${quoted(body.text)}`];
	if (body.kind === 'json') return [`-d ${quoted(laidOut(body.value, JSON_WORDS, '  '))}`];
	return body.parts.map(
		({ name, text, file }) => `-F ${quoted(`${name}=${file ? '@' : ''}${text}`)}`
	);
}

/** For the shell. */
export function curl({ method, url, scheme, variable, headers, body }: Sample, uuid: string) {
	const usual = body.kind === 'none' ? 'GET' : 'POST';
	return [
		`curl${method === usual ? '' : ` -X ${method}`} ${url}`,
		`-H "${scheme.header}: ${scheme.prefix}$${variable}"`,
		...headers.map(({ name, value }) => `-H "${name}: ${value.replaceAll(UUID, uuid)}"`),
		...bodyLines(body)
	].join(' \\\n  ');
}
