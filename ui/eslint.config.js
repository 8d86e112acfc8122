import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
	{ ignores: ['dist/', 'demo-dist/', '.svelte-kit/', 'src/lib/backend/bindings.ts'] },
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'no-undef': 'off',
			'svelte/no-navigation-without-resolve': 'off',
			'svelte/no-unused-svelte-ignore': 'off'
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig }
		}
	},
	{
		// Only the backend folder may talk to the desktop app.
		files: ['src/**/*.{ts,svelte}'],
		ignores: ['src/lib/backend/**'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{ group: ['@tauri-apps/*'], message: 'Import from $lib/backend instead.' },
						{
							group: ['**/backend/bindings', '**/backend/demo*'],
							message: 'Import from $lib/backend instead.'
						}
					]
				}
			]
		}
	}
);
