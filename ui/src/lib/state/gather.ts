/**
 * Hands on what is added: the first at once, what comes soon after together, at most once in
 * `every` milliseconds.
 */
export function gather(hand: (all: Set<string>) => void, every: number) {
	let waiting = new Set<string>();
	let timer: ReturnType<typeof setTimeout> | undefined;

	function pass() {
		timer = undefined;
		if (waiting.size === 0) return;
		const all = waiting;
		waiting = new Set();
		timer = setTimeout(pass, every);
		hand(all);
	}
	return {
		add(names: string[]) {
			for (const name of names) waiting.add(name);
			if (timer === undefined) pass();
		},
		stop: () => clearTimeout(timer)
	};
}
