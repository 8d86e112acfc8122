import type { Delivery } from '$lib/backend';

export type Item = { kind: 'row' | 'attempts'; delivery: Delivery; index: number };

/** Which delivery is opened, which one the keys stand on, and the rows that makes. */
export class DeliveryRows {
	opened = $state<string | null>(null);
	/** The row that Tab comes to. */
	at = $state<string | null>(null);
	#all: () => Delivery[];

	readonly items: Item[] = $derived.by(() =>
		this.#all().flatMap((delivery, index): Item[] => [
			{ kind: 'row', delivery, index },
			...(delivery.id === this.opened ? [{ kind: 'attempts' as const, delivery, index }] : [])
		])
	);

	constructor(all: () => Delivery[]) {
		this.#all = all;
	}

	/** The row that Tab comes to: the one last stood on, else the first. */
	get current(): string | undefined {
		const all = this.#all();
		return all.some(({ id }) => id === this.at) ? (this.at ?? undefined) : all[0]?.id;
	}

	toggle(id: string) {
		this.at = id;
		this.opened = this.opened === id ? null : id;
	}

	/** The neighbour of the row the keys stand on. */
	step(by: 1 | -1): string | undefined {
		const all = this.#all();
		const here = all.findIndex(({ id }) => id === this.current);
		const next = all[Math.min(all.length - 1, Math.max(0, here + by))];
		if (next) this.at = next.id;
		return next?.id;
	}
}
