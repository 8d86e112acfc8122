import type { Key } from '$lib/backend';
import { clock } from '$lib/state/clock.svelte';
import { filters } from '$lib/state/filters.svelte';
import { shortcuts } from '$lib/state/shortcuts.svelte';
import { filterKeys, type StatusFilter } from './list';

export const STATUSES: { value: StatusFilter; label: string }[] = [
	{ value: 'any', label: 'Any status' },
	{ value: 'active', label: 'Active' },
	{ value: 'ending', label: 'Ends soon' },
	{ value: 'paused', label: 'Paused' },
	{ value: 'gone', label: 'Revoked or ended' }
];

/** What the list of keys is narrowed to. */
export class KeysFilter {
	text = $state('');
	status = $state<StatusFilter>('any');

	narrows = $derived(
		this.status !== 'any' || Boolean(this.text || filters.environment || filters.platform)
	);

	of(keys: Key[] | undefined): Key[] {
		const { environment, platform } = filters;
		const { text, status } = this;
		return filterKeys(keys ?? [], { text, status, environment, platform }, clock.now);
	}

	/** As an address asks for: `/keys?status=ending`. */
	take(wanted: string | null) {
		const known = STATUSES.find(({ value }) => value === wanted);
		if (known) this.status = known.value;
	}
	clear() {
		this.text = '';
		this.status = 'any';
		filters.clear();
	}
}

type Acts = {
	create: () => void;
	filter: () => void;
	move: (step: 1 | -1) => void;
	/** Whether the drawer is open. */
	isOpen: () => boolean;
	close: () => void;
};

/** The keys of the screen, as long as it is shown. */
export function keysShortcuts({ create, filter, move, isOpen, close }: Acts): () => void {
	return shortcuts.add([
		{ keys: 'n', does: 'New key', run: create },
		{ keys: '/', does: 'Filter keys', run: filter },
		{ keys: 'arrowdown, j', does: 'Next row', run: () => move(1) },
		{ keys: 'arrowup, k', does: 'Previous row', run: () => move(-1) },
		{ keys: ']', does: 'Next key in the drawer', run: () => isOpen() && move(1) },
		{ keys: '[', does: 'Previous key in the drawer', run: () => isOpen() && move(-1) },
		{ keys: 'escape', does: 'Close the drawer', run: () => isOpen() && close() }
	]);
}
