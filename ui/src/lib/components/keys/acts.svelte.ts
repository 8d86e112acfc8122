import type { QueryClient } from '@tanstack/svelte-query';
import { backend, toBackendError, type BackendError, type Key, type UpdateKey } from '$lib/backend';
import { clipboard } from '$lib/state/clipboard.svelte';
import { putKey } from './acts';

/** What can be done with a key at once; a failure stays until the next act. */
export class KeyActs {
	problem = $state.raw<{ title: string; error: BackendError } | null>(null);
	busy = $state<'copy' | 'pause' | null>(null);
	#client: QueryClient;

	constructor(client: QueryClient) {
		this.#client = client;
	}

	async copy({ id }: Key) {
		this.busy = 'copy';
		await this.#try('The key was not copied.', () => clipboard.take(id, () => backend.copyKey(id)));
		this.busy = null;
	}

	async pause(key: Key, paused: boolean) {
		this.busy = 'pause';
		await this.change(key, { paused }, `The key was not ${paused ? 'paused' : 'resumed'}.`);
		this.busy = null;
	}

	/** Changes a key; whether that went well. */
	change(key: Key, change: UpdateKey, failure: string): Promise<boolean> {
		return this.#try(failure, async () => {
			putKey(this.#client, await backend.updateKey(key.id, key.version, change));
		});
	}

	async #try(title: string, act: () => Promise<void>): Promise<boolean> {
		this.problem = null;
		try {
			await act();
			return true;
		} catch (cause) {
			this.problem = { title, error: toBackendError(cause) };
			// Somebody else may have changed it: show how it stands now.
			void this.#client.invalidateQueries({ queryKey: ['keys'] });
			return false;
		}
	}
}
