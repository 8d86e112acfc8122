import tailwindcss from '@tailwindcss/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
	plugins: [tailwindcss(), sveltekit(), svelteTesting()],
	// The stand-in for the desktop app: everywhere but in the build that ships.
	define: { __DEMO__: JSON.stringify(mode !== 'production') },
	server: { host: '127.0.0.1' },
	build: { target: 'es2022', reportCompressedSize: false },
	test: {
		environment: 'happy-dom',
		include: ['src/**/*.test.ts'],
		setupFiles: ['src/test-setup.ts']
	}
}));
