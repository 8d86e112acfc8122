import { tick } from 'svelte';

/** The focus that a key moves is shown, also where the pointer was used before. */
export const byKeyboard: FocusOptions & { focusVisible: boolean } = { focusVisible: true };

/** The row links of a list, in their order on the page. */
const rowsIn = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>('[data-row]')];

/** Moves the focus to the next row, from the focused or else the current one. */
export function moveRow(list: HTMLElement | null, step: 1 | -1): HTMLElement | null {
	if (!list) return null;
	const rows = rowsIn(list);
	const focused = rows.indexOf(document.activeElement as HTMLElement);
	const from = focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute('aria-current'));
	const start = from < 0 && step < 0 ? rows.length : from;
	const next = rows[Math.max(0, Math.min(rows.length - 1, start + step))] ?? null;
	next?.focus({ ...byKeyboard, preventScroll: true });
	next?.scrollIntoView({ block: 'nearest' });
	return next;
}

/**
 * After a dialog. What opened it may be gone, and with it the focus: then the row that the dialog
 * was about takes it, or where that is out of sight its drawer.
 */
export async function keepFocus(list: HTMLElement | null, id: string) {
	await tick();
	requestAnimationFrame(() => {
		if (document.activeElement !== document.body) return;
		const row = list?.querySelector<HTMLElement>(`[data-row="${id}"]`);
		const drawer = document.querySelector<HTMLElement>('[data-region="drawer"] button');
		(row ?? drawer)?.focus(byKeyboard);
	});
}

/** An attachment: a click anywhere in a row follows its link. */
export function rowClicks(list: HTMLElement) {
	const press = (event: MouseEvent) => {
		if (!(event.target instanceof Element)) return;
		if (event.target.closest('a, button, input, label') || getSelection()?.toString()) return;
		event.target.closest('tr')?.querySelector<HTMLElement>('[data-row]')?.click();
	};
	list.addEventListener('click', press);
	return () => list.removeEventListener('click', press);
}
