/** Moves the focus to the next part of the window: sidebar, list, drawer. */
export function nextRegion(step: 1 | -1 = 1) {
	const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
		(region) => region.getClientRects().length > 0
	);
	if (regions.length === 0) return;
	// The innermost region that holds the focus is the one we leave.
	const here = document.activeElement?.closest<HTMLElement>('[data-region]');
	const at = here ? regions.indexOf(here) : -1;
	const next = regions[(at + step + regions.length) % regions.length];
	const inside = next?.querySelector<HTMLElement>(
		'[aria-current], [data-row][tabindex="0"], a[href], button, input'
	);
	(inside ?? next)?.focus();
}
