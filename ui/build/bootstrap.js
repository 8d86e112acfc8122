import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The only style attributes in markup: SvelteKit's announcer of pages, and the menu of bits-ui. */
const STYLES = [
	'position: absolute; left: 0; top: 0; clip: rect(0 0 0 0); clip-path: inset(50%); overflow: hidden; white-space: nowrap; width: 1px; height: 1px',
	'display: contents;'
];

/** @param {string} text */
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What the page may load and call, whoever serves it: itself, and the app's own commands. */
const POLICY = [
	"default-src 'self'",
	"script-src 'self'",
	`style-src 'self' 'unsafe-hashes' ${STYLES.map(hash).join(' ')}`,
	"img-src 'self' data:",
	"connect-src 'self' ipc: http://ipc.localhost",
	"object-src 'none'",
	"frame-src 'none'",
	"base-uri 'none'",
	"form-action 'none'"
].join('; ');

/**
 * Wraps an adapter: SvelteKit starts the app with an inline script, which `script-src 'self'`
 * forbids. The script moves into a file of its own, and the page states the policy itself.
 *
 * @param {import('@sveltejs/kit').Adapter} adapter
 * @returns {import('@sveltejs/kit').Adapter}
 */
export function externalBootstrap(adapter) {
	return {
		...adapter,
		async adapt(builder) {
			await adapter.adapt(builder);
			rewrite(process.env.UI_OUT ?? 'dist');
			if (!process.env.UI_OUT) refuseDemo('dist');
		}
	};
}

/**
 * What ships must not carry the stand-in for the desktop app.
 *
 * @param {string} folder
 */
function refuseDemo(folder) {
	const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
	for (const name of files.filter((name) => name.endsWith('.js'))) {
		if (readFileSync(join(folder, name), 'utf8').includes('latchkey-demo')) {
			throw new Error(`${join(folder, name)} holds the demo backend`);
		}
	}
}

/** @param {string} folder */
function rewrite(folder) {
	const path = join(folder, 'index.html');
	const scripts = /<script>([\s\S]*?)<\/script>/g;
	const page = readFileSync(path, 'utf8')
		.replace(scripts, (_, code) => {
			const name = `start-${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`;
			writeFileSync(join(folder, name), code);
			return `<script src="/${name}"></script>`;
		})
		.replace('<!--policy-->', `<meta http-equiv="content-security-policy" content="${POLICY}" />`);
	if (scripts.test(page)) throw new Error(`${path} still holds an inline script`);
	writeFileSync(path, page);
}
