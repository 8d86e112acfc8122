import {
	createSortedRowModel,
	createTable,
	rowSortingFeature,
	tableFeatures
} from '@tanstack/svelte-table';
import type { Key } from '$lib/backend';

export type Column = 'name' | 'environment' | 'last_used' | 'requests' | 'status';

const features = tableFeatures({
	rowSortingFeature,
	sortedRowModel: createSortedRowModel(),
	sortFns: {}
});

const text = (a: string, b: string) => a.localeCompare(b, 'en', { sensitivity: 'base' });
const time = (at: string | null) => (at ? Date.parse(at) : 0);

/** Keys that can be sorted by a column, once they are not grouped. */
export class SortedKeys {
	/** Null while the keys are grouped by platform. */
	by = $state<{ column: Column; down: boolean } | null>(null);
	#table;

	constructor(keys: () => Key[], requests: () => Map<string, number>) {
		const compare: Record<Column, (a: Key, b: Key) => number> = {
			name: (a, b) => text(a.name, b.name),
			environment: (a, b) => text(a.environment, b.environment),
			last_used: (a, b) => time(a.last_used_at) - time(b.last_used_at),
			requests: (a, b) => (requests().get(a.id) ?? 0) - (requests().get(b.id) ?? 0),
			status: (a, b) => text(a.status, b.status)
		};
		const sorting = () => (this.by ? [{ id: this.by.column, desc: this.by.down }] : []);
		this.#table = createTable({
			features,
			columns: Object.entries(compare).map(([id, order]) => ({
				id,
				accessorFn: (key: Key) => key,
				sortFn: (a: { original: Key }, b: { original: Key }) => order(a.original, b.original)
			})),
			get data() {
				return keys();
			},
			getRowId: (key: Key) => key.id,
			state: {
				get sorting() {
					return sorting();
				}
			}
		});
	}

	get rows(): Key[] {
		return this.#table.getRowModel().rows.map(({ original }) => original);
	}

	/** Once: down for numbers and times; again: the other way; a third time: grouped. */
	press(column: Column) {
		const first = column === 'requests' || column === 'last_used';
		if (this.by?.column !== column) this.by = { column, down: first };
		else if (this.by.down === first) this.by = { column, down: !first };
		else this.by = null;
	}
}
