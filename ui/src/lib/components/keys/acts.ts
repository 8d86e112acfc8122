import type { InfiniteData, QueryClient } from '@tanstack/svelte-query';
import { backend, type Key, type Page } from '$lib/backend';
import { toasts } from '$lib/state/toasts.svelte';

/** Puts a changed key wherever it is shown, before the server tells of it. */
export function putKey(client: QueryClient, key: Key) {
	const put = (all: Key[]) => all.map((one) => (one.id === key.id ? key : one));
	client.setQueriesData<Key[]>({ queryKey: ['keys', 'named'] }, (all) => all && put(all));
	client.setQueriesData<InfiniteData<Page<Key>>>({ queryKey: ['keys', 'pages'] }, (all) =>
		all ? { ...all, pages: all.pages.map((page) => ({ ...page, data: put(page.data) })) } : all
	);
	client.setQueryData<Key>(['keys', 'one', key.id], (one) => one && key);
}

/** Revokes a key for good; its entry in the keychain goes with it. */
export async function revokeKey(client: QueryClient, key: Key): Promise<void> {
	putKey(client, await backend.revokeKey(key.id));
	void client.invalidateQueries({ queryKey: ['custody', key.id] });
	toasts.say(`${key.name} is revoked`);
}
