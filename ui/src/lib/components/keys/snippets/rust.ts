import { JSON_WORDS, laidOut } from './json';
import { UUID, type Body, type Sample } from './request';

/** The shortest raw string that holds the text. */
function raw(text: string): string {
	let fence = '#';
	while (text.includes(`"${fence}`)) fence += '#';
	return `r${fence}"${text}"${fence}`;
}

function bodyLines(body: Body): string[] {
	if (body.kind === 'none') return [];
	if (body.kind === 'text') return [`.body(${raw(body.text)})`];
	if (body.kind === 'json') return [`.body(${raw(laidOut(body.value, JSON_WORDS, ''))})`];
	return ['.multipart(form)'];
}

function formLines(body: Body): string[] {
	if (body.kind !== 'form') return [];
	const parts = body.parts.map(({ name, text, file }) => {
		const both = `${JSON.stringify(name)}, ${JSON.stringify(text)}`;
		return `        .${file ? 'file' : 'text'}(${both})${file ? '?' : ''}`;
	});
	const last = parts.pop();
	return [
		'    let form = reqwest::blocking::multipart::Form::new()',
		...parts,
		...(last ? [`${last};`] : [])
	];
}

const KNOWN = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** With reqwest, the usual client; it waits for the answer, so that nothing else is needed. */
export function rust(sample: Sample, uuid: string): string {
	const { method, url, scheme, variable, headers, body } = sample;
	const features = body.kind === 'form' ? 'blocking,multipart' : 'blocking';
	const verb = KNOWN.includes(method) ? method.toLowerCase() : 'post';
	return [
		`// cargo add reqwest --features ${features}`,
		'fn main() -> Result<(), Box<dyn std::error::Error>> {',
		`    let key = std::env::var("${variable}")?;`,
		...formLines(body),
		'    let answer = reqwest::blocking::Client::new()',
		`        .${verb}("${url}")`,
		`        .header("${scheme.header}", ${scheme.prefix ? `format!("${scheme.prefix}{key}")` : 'key'})`,
		...headers.map(
			({ name, value }) =>
				`        .header("${name}", ${JSON.stringify(value.replaceAll(UUID, uuid))})`
		),
		...bodyLines(body).map((line) => `        ${line}`),
		'        .send()?;',
		'    println!("{} {}", answer.status(), answer.text()?);',
		'    Ok(())',
		'}'
	].join('\n');
}
