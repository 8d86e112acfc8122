import { createVirtualizer } from '@tanstack/svelte-virtual';
import { untrack } from 'svelte';
import { fromStore, get } from 'svelte/store';

/** Below this many rows all of them are there. */
const MOST = 200;

/** Which rows are drawn, and how much room the others take above and below. */
export type Slice = { first: number; end: number; before: number; after: number };

/** Rows of a long list; only those near the visible part are drawn. */
export class VirtualRows {
	#store;
	#shown;
	#count: () => number;

	constructor(
		count: () => number,
		height: (index: number) => number,
		scroller: () => HTMLElement | null
	) {
		this.#count = count;
		this.#store = createVirtualizer<HTMLElement, HTMLElement>({
			count: 0,
			getScrollElement: () => untrack(scroller),
			estimateSize: height,
			overscan: 14
		});
		this.#shown = fromStore(this.#store);
		$effect(() => {
			const [rows, element] = [count(), scroller()];
			// Reading its own answer here would ask again for ever.
			untrack(() => {
				const virtual = get(this.#store);
				virtual.setOptions({ count: rows > MOST ? rows : 0, getScrollElement: () => element });
				virtual.measure();
			});
		});
	}

	get slice(): Slice {
		const count = this.#count();
		if (count <= MOST) return { first: 0, end: count, before: 0, after: 0 };
		const virtual = this.#shown.current;
		const items = virtual.getVirtualItems();
		const [head, tail] = [items[0], items.at(-1)];
		if (!head || !tail) return { first: 0, end: 40, before: 0, after: 0 };
		return {
			first: head.index,
			end: Math.min(count, tail.index + 1),
			before: head.start,
			after: Math.max(0, virtual.getTotalSize() - tail.end)
		};
	}

	/** Brings a row into view. */
	scrollTo(index: number) {
		if (this.#count() > MOST) get(this.#store).scrollToIndex(index, { align: 'center' });
	}
}
