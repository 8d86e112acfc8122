import type { ThemeChoice } from '$lib/backend';

export type Theme = 'light' | 'dark';

const systemDark =
	typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;

/** The theme asked for, and the one in force. */
class ThemeState {
	choice = $state<ThemeChoice>('system');
	#dark = $state(systemDark?.matches ?? false);

	inForce: Theme = $derived(
		this.choice === 'system' ? (this.#dark ? 'dark' : 'light') : this.choice
	);

	constructor() {
		systemDark?.addEventListener('change', ({ matches }) => {
			this.#dark = matches;
			this.#show();
		});
	}

	/** Takes effect at once; the app keeps it, this page remembers it for its next first paint. */
	choose(choice: ThemeChoice) {
		this.choice = choice;
		localStorage.setItem('theme', choice);
		this.#show();
	}

	#show() {
		document.documentElement.dataset.theme = this.inForce;
	}
}

export const theme = new ThemeState();
