import { createSubscriber } from 'svelte/reactivity';

const MINUTE = 60_000;

/** The time, a minute exact, and only ticking while something on the page shows it. */
class Clock {
	#subscribe = createSubscriber((update) => {
		const timer = setInterval(update, MINUTE);
		return () => clearInterval(timer);
	});

	get now() {
		this.#subscribe();
		return Date.now();
	}
}

export const clock = new Clock();
