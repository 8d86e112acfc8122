/** Where a tooltip of this size stands for its element: below, or above where below has no room. */
export function place(
	of: { left: number; top: number; bottom: number; width: number },
	tip: { width: number; height: number },
	view: { width: number; height: number }
): { left: number; top: number } {
	const gap = 6;
	const edge = 8;
	const middle = of.left + of.width / 2 - tip.width / 2;
	const below = of.bottom + gap;
	const fits = below + tip.height + edge <= view.height;
	return {
		left: Math.max(edge, Math.min(middle, view.width - tip.width - edge)),
		top: fits ? below : Math.max(edge, of.top - gap - tip.height)
	};
}

/** The element whose tooltip is meant: the nearest with `data-tip`. */
export function tipped(target: EventTarget | null): HTMLElement | null {
	return target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
}
