import type { QueryClient } from '@tanstack/svelte-query';
import { backend, type Key } from '$lib/backend';
import { toasts } from '$lib/state/toasts.svelte';

/** Puts a changed key into the list that is shown, before the server tells of it. */
export function putKey(client: QueryClient, key: Key) {
	client.setQueryData<Key[]>(['keys'], (all) => all?.map((one) => (one.id === key.id ? key : one)));
}

/** Revokes a key for good; its entry in the keychain goes with it. */
export async function revokeKey(client: QueryClient, key: Key): Promise<void> {
	putKey(client, await backend.revokeKey(key.id));
	void client.invalidateQueries({ queryKey: ['custody', key.id] });
	toasts.say(`${key.name} is revoked`);
}
