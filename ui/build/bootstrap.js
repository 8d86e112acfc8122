import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the page may load and call, whoever serves it: itself, and the app's own commands. */
const POLICY = [
	"default-src 'self'",
	"script-src 'self'",
	"style-src 'self'",
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
		}
	};
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
