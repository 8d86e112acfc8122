import { tick } from 'svelte';
import { shortcuts } from './shortcuts.svelte';

export type View = 'chart' | 'table';

/** What is read by keyboard. */
const READ = '[role="application"], [role="region"][tabindex]';
/** The switch, where what is read is still to come. */
const SWITCH = '[aria-pressed="true"]';

/** Whether charts show as pictures or as numbers: one choice for all of them. */
class ChosenView {
	name = $state<View>('chart');

	/** The key that changes it, until the answer is called. */
	listen() {
		const run = () => void this.#turn();
		return shortcuts.add([{ keys: 't', does: 'Chart or table', run }]);
	}

	/** Whoever read the one by keyboard goes on in the other. */
	async #turn() {
		const section = document.activeElement?.closest('section');
		this.name = this.name === 'chart' ? 'table' : 'chart';
		await tick();
		if (document.activeElement !== document.body) return;
		const next = section?.querySelector<HTMLElement>(READ) ?? section?.querySelector(SWITCH);
		if (next instanceof HTMLElement) next.focus();
	}
}

export const view = new ChosenView();
