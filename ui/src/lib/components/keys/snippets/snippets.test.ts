import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Platform } from '$lib/backend';
import { pieces, schemeName, snippet } from '.';

const platform = {
	base_url: 'http://127.0.0.1:4780/cards/v1',
	key_variable: 'CARDS_API_KEY',
	header_schemes: [
		{ header: 'X-API-Key', prefix: '' },
		{ header: 'Authorization', prefix: 'Bearer ' }
	],
	sample: {
		method: 'POST',
		path: '/images',
		headers: [
			{ name: 'Content-Type', value: 'application/json' },
			{ name: 'Idempotency-Key', value: '{uuid}' }
		],
		body: '{"name": "Ada’s card, it\'s \\"new\\"", "ready": true, "none": null, "sizes": [1, 2]}',
		price: 1_000_000
	}
} as unknown as Platform;
const [plain, bearer] = platform.header_schemes as [
	(typeof platform.header_schemes)[0],
	(typeof platform.header_schemes)[0]
];
const uuid = '6f1c2a54-1f0e-4b0e-9a53-0d7a8f0c1b2d';

describe('snippets', () => {
	it('name the variable and the scheme', () => {
		const curl = snippet('curl', platform, bearer, uuid);
		expect(curl).toContain('-H "Authorization: Bearer $CARDS_API_KEY"');
		expect(curl).toContain(`-H "Idempotency-Key: ${uuid}"`);
		expect(schemeName(bearer)).toBe('Authorization: Bearer');
		expect(schemeName(plain)).toBe('X-API-Key');
	});

	it('are one curl command for the shell, whatever quotes the body holds', () => {
		const curl = snippet('curl', platform, plain, uuid);
		const shown = execFileSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${curl}`], {
			env: { ...process.env, CARDS_API_KEY: 'k' },
			encoding: 'utf8'
		});
		expect(shown).toContain('X-API-Key: k');
		expect(JSON.parse(shown.slice(shown.indexOf('{')))).toEqual(
			JSON.parse(platform.sample.body ?? '')
		);
	});

	it('are Python that compiles', () => {
		const code = snippet('python', platform, bearer, uuid);
		expect(code).toContain('"Authorization": "Bearer " + os.environ["CARDS_API_KEY"]');
		execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
			input: code
		});
	});

	it('are JavaScript that parses', () => {
		const code = snippet('javascript', platform, bearer, uuid);
		expect(() => new Function(code)).not.toThrow();
		expect(code).toContain('`Bearer ${process.env.CARDS_API_KEY}`');
	});

	it('are Rust that holds the body as it is, whatever quotes are in it', () => {
		const code = snippet('rust', platform, bearer, uuid);
		expect(code).toContain('let key = std::env::var("CARDS_API_KEY")?;');
		expect(code).toContain('.header("Authorization", format!("Bearer {key}"))');
		expect(code).toContain('.post("http://127.0.0.1:4780/cards/v1/images")');
		const body = code.slice(code.indexOf('r#"') + 3, code.lastIndexOf('"#'));
		expect(JSON.parse(body)).toEqual(JSON.parse(platform.sample.body ?? ''));
		expect(snippet('rust', platform, plain, uuid)).toContain('.header("X-API-Key", key)');
	});

	it('let the variable stand out', () => {
		expect(pieces('a $CARDS_API_KEY b', 'CARDS_API_KEY').map(({ variable }) => variable)).toEqual([
			false,
			true,
			false
		]);
	});
});

describe('snippets of a form', () => {
	const form = {
		...platform,
		sample: {
			method: 'POST',
			path: '/stage',
			headers: [{ name: 'Content-Type', value: 'multipart/form-data' }],
			body: '{"image": "@photo.jpg", "style": "modern"}',
			price: 1_000_000
		}
	} as unknown as Platform;

	it('send files and fields, and leave the type to what writes the form', () => {
		const [curl, python, javascript, rust] = (
			['curl', 'python', 'javascript', 'rust'] as const
		).map((language) => snippet(language, form, bearer, uuid));
		expect(curl).toContain("-F 'image=@photo.jpg' \\\n  -F 'style=modern'");
		expect(python).toContain('"image": open("photo.jpg", "rb"),');
		expect(javascript).toContain('body.set("image", await openAsBlob("photo.jpg"), "photo.jpg");');
		expect(rust).toContain('.file("image", "photo.jpg")?');
		expect(rust).toContain('.text("style", "modern");');
		for (const code of [curl, python, javascript, rust]) expect(code).not.toContain('Content-Type');
	});

	it('parse', () => {
		expect(() => new Function(snippet('javascript', form, plain, uuid))).not.toThrow();
		execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
			input: snippet('python', form, plain, uuid)
		});
	});
});
