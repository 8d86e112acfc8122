export type Pin = { x: number; tip: number; label: string | undefined };
export type Lock = { pins: Pin[]; key: string; step: number };

/** How deep the cuts of the drawn key are, from the left. */
const CUTS = [20, 4, 28, 12, 24, 8, 16];
const LEFT = 150;
const RIGHT = 390;
const BLADE = 300;

/** A key in a lock of as many pins as there are platforms, five at least. */
export function drawLock(labels: string[]): Lock {
	const count = Math.min(CUTS.length, Math.max(5, labels.length));
	const step = (RIGHT - LEFT) / (count - 1);
	const half = Math.min(19, step / 2 - 2);
	const pins = Array.from({ length: count }, (_, i) => {
		const x = LEFT + i * step;
		return { x, tip: BLADE + (CUTS[i] ?? 0), label: labels[i] };
	});
	const cuts = pins.map(
		({ x, tip }) => `L${x - half} ${BLADE}L${x - 6} ${tip}h12L${x + half} ${BLADE}`
	);
	return { pins, step, key: `M96 ${BLADE}${cuts.join('')}L424 300L446 336L430 362H96` };
}

/** A pin's spring, ten strokes. */
export const spring = (x: number) =>
	Array.from({ length: 9 }, (_, i) => `${i ? 'L' : 'M'}${x + (i % 2 ? 9 : -9)} ${78 + i * 9}`).join(
		''
	);
