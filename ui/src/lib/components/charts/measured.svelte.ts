import { untrack } from 'svelte';

const SETTLED = 150;

/** The width of an element; changes count once they have stood still for 150 ms. */
export class Measured {
	width = $state(0);

	/** An attachment: `{@attach measured.watch}`. */
	watch = (node: HTMLElement) => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const take = (width: number) => (this.width = Math.round(width));
		untrack(() => take(node.clientWidth));
		const observer = new ResizeObserver(([entry]) => {
			clearTimeout(timer);
			const width = entry?.contentRect.width ?? 0;
			timer = setTimeout(() => take(width), this.width ? SETTLED : 0);
		});
		observer.observe(node);
		return () => {
			clearTimeout(timer);
			observer.disconnect();
		};
	};
}
