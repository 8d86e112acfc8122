import { tick } from 'svelte';
import type { WebhookEndpoint } from '$lib/backend';
import { shortcuts } from '$lib/state/shortcuts.svelte';
import { focusDelivery, focusEndpoint, isInDeliveries } from './focus';
import type { DeliveryRows } from './table.svelte';

/** Keys of the deliveries: they move there, and back to the list. */
export function deliveryKeys(rows: DeliveryRows, leave: () => void): () => void {
	const move = (by: 1 | -1) => {
		const id = rows.step(by);
		if (id) void tick().then(() => focusDelivery(id));
	};
	const acts = moves('delivery', move);
	const back = {
		keys: 'escape',
		does: 'Close the attempts, then back to the endpoints',
		run: () => {
			const { opened } = rows;
			if (opened === null) return leave();
			rows.toggle(opened);
			void tick().then(() => focusDelivery(opened));
		}
	};
	return whileFocused(() => shortcuts.add([...acts, back]));
}

/** Keys of the list of endpoints: they choose the one above or below. */
export function endpointKeys(
	screen: { endpoints: WebhookEndpoint[]; current: WebhookEndpoint | undefined },
	choose: (id: string) => Promise<unknown>
): () => void {
	return shortcuts.add(
		moves('endpoint', (by) => {
			const { endpoints, current } = screen;
			const here = endpoints.findIndex(({ id }) => id === current?.id);
			const next = endpoints[Math.min(endpoints.length - 1, Math.max(0, here + by))];
			if (next) void choose(next.id).then(() => focusEndpoint(next.id));
		})
	);
}

const moves = (what: string, move: (by: 1 | -1) => void) => [
	{ keys: 'arrowdown, j', does: `Next ${what}`, run: () => move(1) },
	{ keys: 'arrowup, k', does: `Previous ${what}`, run: () => move(-1) }
];

/** Adds keys only while the focus is in the deliveries, where they mean rows and not endpoints. */
function whileFocused(add: () => () => void): () => void {
	let remove: (() => void) | null = null;
	const follow = () => {
		if (isInDeliveries() === (remove !== null)) return;
		if (remove) remove();
		remove = remove ? null : add();
	};
	const later = () => void tick().then(follow);
	document.addEventListener('focusin', follow);
	document.addEventListener('focusout', later);
	follow();
	return () => {
		document.removeEventListener('focusin', follow);
		document.removeEventListener('focusout', later);
		remove?.();
	};
}
