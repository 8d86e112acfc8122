import { JSON_WORDS, laidOut } from './json';
import { UUID, type Part, type Sample } from './request';

const fresh = (value: string) => (value === UUID ? 'crypto.randomUUID()' : JSON.stringify(value));

/** What `fetch` takes, from its second line on. */
function options({ method, scheme, variable, headers }: Sample, body: string | null): string[] {
	return [
		`  method: "${method}",`,
		'  headers: {',
		`    ${JSON.stringify(scheme.header)}: \`${scheme.prefix}\${process.env.${variable}}\`,`,
		...headers.map(({ name, value }) => `    ${JSON.stringify(name)}: ${fresh(value)},`),
		'  },',
		...(body === null ? [] : [`  body${body === 'body' ? '' : `: ${body}`},`])
	];
}

function plain(sample: Sample): string {
	const { url, body } = sample;
	const data =
		body.kind === 'json'
			? `JSON.stringify(${laidOut(body.value, JSON_WORDS, '  ')})`
			: body.kind === 'text'
				? JSON.stringify(body.text)
				: null;
	return [
		`fetch("${url}", {`,
		...options(sample, data),
		'})',
		'  .then((answer) => answer.json())',
		'  .then(console.log);'
	].join('\n');
}

function form(sample: Sample, parts: Part[]): string {
	const set = parts.map(({ name, text, file }) => {
		const value = JSON.stringify(text);
		return `  body.set(${JSON.stringify(name)}, ${file ? `await openAsBlob(${value}), ${value}` : value});`;
	});
	return [
		'import("node:fs").then(async ({ openAsBlob }) => {',
		'  const body = new FormData();',
		...set,
		`  const answer = await fetch("${sample.url}", {`,
		...options(sample, 'body').map((line) => `  ${line}`),
		'  });',
		'  console.log(await answer.json());',
		'});'
	].join('\n');
}

/** For Node, which has `fetch` and forms itself. */
export const javascript = (sample: Sample) =>
	sample.body.kind === 'form' ? form(sample, sample.body.parts) : plain(sample);
