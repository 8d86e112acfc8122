import type { QueryClient } from '@tanstack/svelte-query';
import { backend, heard, type Key, type KeyStep, type KeptRotation } from '$lib/backend';
import { Attempt } from '$lib/state/attempt.svelte';
import { putKey } from './acts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** How long an old key may work beside its new one, in seconds. */
export const GRACES: { value: string; label: string }[] = [
	{ value: '0', label: 'Ends at once' },
	{ value: String(HOUR), label: '1 hour' },
	{ value: String(DAY), label: '24 hours' },
	{ value: String(3 * DAY), label: '3 days' },
	{ value: String(7 * DAY), label: '7 days' }
];

/** A new key in an old one's place: what is asked, and how far it has come. */
export class Rotation {
	/** Seconds, as the choice has them. */
	grace = $state(String(DAY));
	typed = $state('');
	tried = $state(false);
	busy = $state(false);
	steps = $state<KeyStep['step'][]>([]);
	made = $state.raw<KeptRotation | null>(null);
	/** Whether the grace of an earlier rotation still runs, so that it has to be forced. */
	running = $state(false);
	readonly key: Key;
	#client: QueryClient;
	#attempt = new Attempt((error) => (this.running = error.code === 'rotation_in_progress'));

	/** A live key that ends at once is asked for by its name, as a revoked one is. */
	asksName = $derived.by(() => this.grace === '0' && this.key.environment === 'live');
	nameError = $derived.by(() =>
		this.tried && this.asksName && !this.#named ? 'That is not the name of this key.' : undefined
	);

	constructor(client: QueryClient, key: Key) {
		this.#client = client;
		this.key = key;
	}

	get problem() {
		return this.running ? null : this.#attempt.problem;
	}

	get #named() {
		return this.typed.trim() === this.key.name.trim();
	}

	/** The old key's last moment. */
	endsAt(now: number): number {
		return now + Number(this.grace) * 1000;
	}

	async submit() {
		this.tried = true;
		if (this.busy || (this.asksName && !this.#named)) return;
		this.busy = true;
		this.steps = [];
		const force = this.running;
		const stop = heard.keyStep(({ step }) => this.steps.push(step));
		await this.#attempt.make('The key was not rotated.', async () => {
			const request = { grace_seconds: Number(this.grace), ...(force ? { force } : {}) };
			this.made = await backend.rotateKey(this.key.id, request);
			putKey(this.#client, this.made.old);
			void this.#client.invalidateQueries({ queryKey: ['keys'] });
		});
		stop();
		this.busy = false;
	}
}
