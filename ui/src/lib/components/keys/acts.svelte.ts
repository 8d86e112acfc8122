import type { QueryClient } from '@tanstack/svelte-query';
import { backend, type Key, type UpdateKey } from '$lib/backend';
import { Attempt } from '$lib/state/attempt.svelte';
import { clipboard } from '$lib/state/clipboard.svelte';
import { putKey } from './acts';

/** A key as it was shown, and as somebody else has left it. */
export type Conflict = { shown: Key; now: Key };

/** What can be done with a key at once; a failure stays until the next act. */
export class KeyActs {
	/** Somebody else changed the key that was to be changed. */
	conflict = $state.raw<Conflict | null>(null);
	busy = $state<'copy' | 'pause' | null>(null);
	/** The key as it was last changed from here, or loaded anew by hand. */
	#known: Key | null = null;
	#client: QueryClient;
	#attempt = new Attempt();

	constructor(client: QueryClient) {
		this.#client = client;
	}

	get problem() {
		return this.conflict ? null : this.#attempt.problem;
	}

	async copy({ id }: Key) {
		this.busy = 'copy';
		await this.#attempt.make('The key was not copied.', () =>
			clipboard.take(id, () => backend.copyKey(id))
		);
		this.busy = null;
	}

	async pause(key: Key, paused: boolean) {
		this.busy = 'pause';
		await this.change(key, { paused }, `The key was not ${paused ? 'paused' : 'resumed'}.`);
		this.busy = null;
	}

	/**
	 * Changes a key as it was when the change was begun: what somebody else has changed since is
	 * not overwritten unseen. Whether that went well.
	 */
	async change(begun: Key, change: UpdateKey, failure: string): Promise<boolean> {
		this.conflict = null;
		const key = this.#seen(begun);
		const well = await this.#attempt.make(failure, async () => {
			this.#known = await backend.updateKey(key.id, key.version, change);
			putKey(this.#client, this.#known);
		});
		if (!well) await this.#compare(key);
		return well;
	}

	/** What is wrong with one field of the last change. */
	field(pointer: string, subject: string): string | undefined {
		return this.#attempt.problem?.error.field(pointer, subject);
	}

	/** Shows the key as somebody else has left it. */
	loadAnew() {
		if (this.conflict) {
			this.#known = this.conflict.now;
			putKey(this.#client, this.conflict.now);
		}
		this.conflict = null;
		this.#attempt.problem = null;
	}

	/** What of it is known here: nobody's change stands between these two unseen. */
	#seen(begun: Key): Key {
		const known = this.#known;
		return known?.id === begun.id && known.version > begun.version ? known : begun;
	}

	/** After a refusal: where the key has changed, both of its states are shown. */
	async #compare(shown: Key) {
		if (this.#attempt.problem?.error.code !== 'stale_version') return;
		const now = await backend.getKey(shown.id).catch(() => null);
		if (now && now.version !== shown.version) this.conflict = { shown, now };
	}
}
