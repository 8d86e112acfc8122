import type { Key, KeyCount, KeySort } from '$lib/backend';
import { count } from '$lib/format/number';
import { clock } from '$lib/state/clock.svelte';
import { filters } from '$lib/state/filters.svelte';
import { keyTotal } from '$lib/state/key-counts';
import { shortcuts } from '$lib/state/shortcuts.svelte';
import {
	askedOf,
	fitting,
	pressed,
	type KindFilter,
	type Sorting,
	type StatusFilter
} from './list';

export const STATUSES: { value: StatusFilter; label: string }[] = [
	{ value: 'any', label: 'Any status' },
	{ value: 'active', label: 'Active' },
	{ value: 'ending', label: 'Ends soon' },
	{ value: 'retiring', label: 'Rotating' },
	{ value: 'paused', label: 'Paused' },
	{ value: 'revoked', label: 'Revoked' },
	{ value: 'expired', label: 'Ended' }
];

export const KINDS: { value: KindFilter; label: string }[] = [
	{ value: 'any', label: 'Any kind' },
	{ value: 'secret', label: 'Secret' },
	{ value: 'public', label: 'Public' }
];

/** Milliseconds after the last letter before the server is asked. */
const TYPED = 150;

/** What the list of keys is narrowed to, and how it is sorted. */
export class KeysFilter {
	text = $state('');
	status = $state<StatusFilter>('any');
	kind = $state<KindFilter>('any');
	sorting = $state<Sorting | null>(null);
	/** The text that is searched for: what is typed, once the typing rests. */
	#searched = $state('');
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Whether it is narrowed by more than platform and environment, of which all keys are counted. */
	#picks = $derived(this.status !== 'any' || this.kind !== 'any' || this.text !== '');
	narrows = $derived(this.#picks || Boolean(filters.environment || filters.platform));
	asked = $derived(
		askedOf(
			{
				text: this.#searched,
				environment: filters.environment,
				platform: filters.platform,
				status: this.status,
				kind: this.kind,
				sorting: this.sorting
			},
			Date.now()
		)
	);

	type(text: string) {
		this.text = text;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => (this.#searched = text), text ? TYPED : 0);
	}

	/** How many fit: all of them where they are counted, else those that are there, `200+`. */
	number(shown: number, more: boolean, counts: KeyCount[] | undefined): string {
		if (!more || this.#picks || !counts) return `${count(shown)}${more ? '+' : ''}`;
		return count(
			keyTotal(counts, { platform: filters.platform, environment: filters.environment })
		);
	}

	of(keys: Key[]): Key[] {
		return fitting(keys, this.status, clock.now);
	}

	sort(by: KeySort) {
		this.sorting = pressed(this.sorting, by);
	}

	/** As an address asks for: `/keys?status=ending`. */
	take(wanted: string | null) {
		const known = STATUSES.find(({ value }) => value === wanted);
		if (known) this.status = known.value;
	}
	clear() {
		this.type('');
		this.status = 'any';
		this.kind = 'any';
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
