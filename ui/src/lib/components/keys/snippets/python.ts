import { laidOut, PYTHON_WORDS } from './json';
import { UUID, type Part, type Sample } from './request';

const fresh = (value: string) => (value === UUID ? 'str(uuid.uuid4())' : JSON.stringify(value));

function headerLines({ scheme, variable, headers }: Sample): string[] {
	const key = `os.environ["${variable}"]`;
	const before = scheme.prefix ? `${JSON.stringify(scheme.prefix)} + ` : '';
	return [
		'    headers={',
		`        "${scheme.header}": ${before}${key},`,
		...headers.map(({ name, value }) => `        "${name}": ${fresh(value)},`),
		'    },'
	];
}

const makesUuid = ({ headers }: Sample) => headers.some(({ value }) => value === UUID);

/** With what Python brings itself. */
function plain(sample: Sample): string {
	const { method, url, body } = sample;
	const modules = [
		...(body.kind === 'json' ? ['json'] : []),
		'os',
		'urllib.request',
		...(makesUuid(sample) ? ['uuid'] : [])
	];
	const data =
		body.kind === 'json'
			? `json.dumps(${laidOut(body.value, PYTHON_WORDS, '    ')})`
			: body.kind === 'text'
				? JSON.stringify(body.text)
				: null;
	return [
		`import ${modules.join(', ')}`,
		'',
		'request = urllib.request.Request(',
		`    "${url}",`,
		`    method="${method}",`,
		...headerLines(sample),
		...(data === null ? [] : [`    data=${data}.encode(),`]),
		')',
		'with urllib.request.urlopen(request) as answer:',
		'    print(answer.status, answer.read().decode())'
	].join('\n');
}

/** Python itself writes no forms. */
function form(sample: Sample, parts: Part[]): string {
	const [files, fields] = [parts.filter(({ file }) => file), parts.filter(({ file }) => !file)];
	return [
		'# pip install requests',
		`import os${makesUuid(sample) ? ', uuid' : ''}`,
		'',
		'import requests',
		'',
		'answer = requests.request(',
		`    "${sample.method}",`,
		`    "${sample.url}",`,
		...headerLines(sample),
		'    files={',
		...files.map(
			({ name, text }) => `        ${JSON.stringify(name)}: open(${JSON.stringify(text)}, "rb"),`
		),
		'    },',
		'    data={',
		...fields.map(({ name, text }) => `        ${JSON.stringify(name)}: ${JSON.stringify(text)},`),
		'    },',
		')',
		'print(answer.status_code, answer.text)'
	].join('\n');
}

export const python = (sample: Sample) =>
	sample.body.kind === 'form' ? form(sample, sample.body.parts) : plain(sample);
