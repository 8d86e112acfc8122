import type { QueryClient } from '@tanstack/svelte-query';
import { backend, toBackendError, type Key, type UpdateKey } from '$lib/backend';
import { toasts } from '$lib/state/toasts.svelte';

/** Puts a changed key into the list that is shown, before the server tells of it. */
export function putKey(client: QueryClient, key: Key) {
	client.setQueryData<Key[]>(['keys'], (all) => all?.map((one) => (one.id === key.id ? key : one)));
}

/** Changes a key. On failure says why, asks for the list again, and throws. */
export async function changeKey(client: QueryClient, key: Key, change: UpdateKey): Promise<Key> {
	try {
		const changed = await backend.updateKey(key.id, key.version, change);
		putKey(client, changed);
		return changed;
	} catch (cause) {
		const problem = toBackendError(cause);
		toasts.say(`${key.name} was not changed: ${problem.message}`);
		void client.invalidateQueries({ queryKey: ['keys'] });
		throw problem;
	}
}

/** Revokes a key for good; its entry in the keychain goes with it. */
export async function revokeKey(client: QueryClient, key: Key): Promise<void> {
	putKey(client, await backend.revokeKey(key.id));
	void client.invalidateQueries({ queryKey: ['custody', key.id] });
	toasts.say(`${key.name} is revoked`);
}
