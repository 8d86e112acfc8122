import { shortcuts } from './shortcuts.svelte';

export type View = 'chart' | 'table';

/** Whether charts show as pictures or as numbers: one choice for all of them. */
class ChosenView {
	name = $state<View>('chart');

	/** The key that changes it, until the answer is called. */
	listen() {
		const run = () => (this.name = this.name === 'chart' ? 'table' : 'chart');
		return shortcuts.add([{ keys: 't', does: 'Chart or table', run }]);
	}
}

export const view = new ChosenView();
