import { externalBootstrap } from './build/bootstrap.js';
import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
	compilerOptions: { runes: true },
	kit: {
		adapter: externalBootstrap(
			adapter({ pages: process.env.UI_OUT ?? 'dist', fallback: 'index.html' })
		),
		version: { pollInterval: 0 }
	}
};
