import { byKeyboard } from '$lib/components/shared/rows';

/** What takes the focus in a part: where one stands in it, else its rows, else its first control. */
const FIRST = [
	'[aria-current]',
	'[data-row][tabindex="0"]',
	'[data-row]',
	'a[href], button, input'
];

/** Moves the focus to the next or the previous part of the window: sidebar, list, drawer. */
export function moveRegion(step: 1 | -1) {
	const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
		(region) => region.getClientRects().length > 0
	);
	if (regions.length === 0) return;
	// The innermost region that holds the focus is the one we leave.
	const here = document.activeElement?.closest<HTMLElement>('[data-region]');
	const from = here ? regions.indexOf(here) : step > 0 ? -1 : 0;
	const next = regions.at((from + step) % regions.length);
	const inside = FIRST.map((selector) => next?.querySelector<HTMLElement>(selector)).find(Boolean);
	(inside ?? next)?.focus(byKeyboard);
}
