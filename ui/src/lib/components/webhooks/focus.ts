import { byKeyboard } from '$lib/components/shared/rows';

/** Keeps arrow keys to an element that scrolls: the list around it must not move too. */
export function ownArrows(node: HTMLElement) {
	const keep = (event: KeyboardEvent) => {
		if (event.key.startsWith('Arrow')) event.stopPropagation();
	};
	node.addEventListener('keydown', keep);
	return () => node.removeEventListener('keydown', keep);
}

const focusOn = (selector: string) =>
	document.querySelector<HTMLElement>(selector)?.focus(byKeyboard);

/** Whether the keys move in the deliveries now, not in the list of endpoints. */
export const isInDeliveries = () =>
	Boolean(document.activeElement?.closest('[data-region="deliveries"]'));

export const focusEndpoint = (id: string) => focusOn(`[data-endpoint="${CSS.escape(id)}"]`);

/** The row with this id, or the one that Tab comes to. */
export const focusDelivery = (id?: string) =>
	focusOn(id ? `[data-row="${CSS.escape(id)}"]` : '[data-row][tabindex="0"]');
