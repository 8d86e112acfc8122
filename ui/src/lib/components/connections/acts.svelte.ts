import type { QueryClient } from '@tanstack/svelte-query';
import { backend, type KeyConnection } from '$lib/backend';
import { Attempt } from '$lib/state/attempt.svelte';
import { clipboard } from '$lib/state/clipboard.svelte';
import { CONNECTIONS as KEY } from './queries';

/** What can be done with connected keys; a failure stays until the next act. */
export class ConnectionActs {
	/** Ids of the keys that are being tried. */
	checking = $state<string[]>([]);
	/** Id of the key that is being copied. */
	copying = $state<string | null>(null);
	#client: QueryClient;
	#attempt = new Attempt(() => void this.#client.invalidateQueries({ queryKey: KEY }));

	constructor(client: QueryClient) {
		this.#client = client;
	}

	get problem() {
		return this.#attempt.problem;
	}

	async check({ id }: KeyConnection) {
		if (this.checking.includes(id)) return;
		this.checking = [...this.checking, id];
		await this.#attempt.make('The key was not tried.', async () => {
			this.put(await backend.checkKeyConnection(id));
		});
		this.checking = this.checking.filter((one) => one !== id);
	}

	async copy({ id }: KeyConnection) {
		this.copying = id;
		await this.#attempt.make('The key was not copied.', () =>
			clipboard.take(id, () => backend.copyKeyConnection(id))
		);
		this.copying = null;
	}

	async remove({ id }: KeyConnection) {
		await backend.removeKeyConnection(id);
		this.#client.setQueryData<KeyConnection[]>(KEY, (all) => all?.filter((one) => one.id !== id));
	}

	/** Shows a connection as it is now. */
	put(connection: KeyConnection) {
		this.#client.setQueryData<KeyConnection[]>(KEY, (all = []) =>
			all.some(({ id }) => id === connection.id)
				? all.map((one) => (one.id === connection.id ? connection : one))
				: [...all, connection]
		);
	}
}
