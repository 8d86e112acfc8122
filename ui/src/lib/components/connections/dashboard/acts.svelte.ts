import type { QueryClient } from '@tanstack/svelte-query';
import {
	backend,
	type DashboardConnection,
	type DashboardKey,
	type DashboardTopUp,
	type DashboardWebhook,
	type KeyConnection,
	type NewDashboardKey
} from '$lib/backend';
import { Attempt } from '$lib/state/attempt.svelte';
import { clipboard } from '$lib/state/clipboard.svelte';
import { CONNECTIONS, DASHBOARDS, answersOf } from '../queries';

/** What was copied of a key, for the strip that says so. */
export const copiedKey = (id: string, key: string) => `${id}/${key}`;
export const copiedSecret = (id: string, key: string) => `${id}/${key}/webhook`;

/** What can be done through one dashboard; a failure stays until the next act. */
export class DashboardActs {
	busy = $state<'check' | 'copy' | 'test' | null>(null);
	readonly id: string;
	#client: QueryClient;
	#attempt = new Attempt(() => this.#noted());

	constructor(client: QueryClient, id: string) {
		this.#client = client;
		this.id = id;
	}

	get problem() {
		return this.#attempt.problem;
	}

	/** Asks everything anew. */
	async check() {
		this.busy = 'check';
		this.#attempt.problem = null;
		await this.#client.refetchQueries({ queryKey: answersOf(this.id), type: 'active' });
		this.busy = null;
	}

	copyKey({ id, held_by }: DashboardKey) {
		if (!held_by) return;
		return this.#while('copy', 'The key was not copied.', () =>
			clipboard.take(copiedKey(this.id, id), () => backend.copyKeyConnection(held_by))
		);
	}

	copySecret(key: string) {
		return this.#while('copy', 'The signing secret was not copied.', () =>
			clipboard.take(copiedSecret(this.id, key), () => backend.copyDashboardSecret(this.id, key))
		);
	}

	/** Whether the platform sends it. */
	test(key: string) {
		return this.#while('test', 'The test was not sent.', () =>
			backend.testDashboardWebhook(this.id, key)
		);
	}

	async create(request: NewDashboardKey): Promise<KeyConnection> {
		const made = await backend.createDashboardKey(this.id, request).finally(() => this.#noted());
		await this.#keysChanged();
		return made;
	}

	async revoke({ id }: DashboardKey) {
		await backend.revokeDashboardKey(this.id, id).finally(() => this.#noted());
		await this.#keysChanged();
	}

	async setWebhook(key: string, url: string, enabled: boolean): Promise<DashboardWebhook> {
		const change = { url, enabled };
		const set = await backend
			.updateDashboardWebhook(this.id, key, change)
			.finally(() => this.#noted());
		this.#client.setQueryData([...answersOf(this.id), 'webhook', key], set);
		return set;
	}

	async setTopUp(rule: DashboardTopUp): Promise<void> {
		const set = await backend.updateDashboardTopUp(this.id, rule).finally(() => this.#noted());
		this.#client.setQueryData([...answersOf(this.id), 'top-up'], set);
	}

	async remove() {
		await backend.removeDashboard(this.id);
		this.#client.setQueryData<DashboardConnection[]>(DASHBOARDS, (all) =>
			all?.filter(({ id }) => id !== this.id)
		);
		this.#client.removeQueries({ queryKey: answersOf(this.id) });
	}

	async #while(busy: 'copy' | 'test', failure: string, act: () => Promise<unknown>) {
		this.busy = busy;
		const well = await this.#attempt.make(failure, act);
		this.busy = null;
		return well;
	}

	/** How a call went is noted with the connection. */
	#noted() {
		void this.#client.invalidateQueries({ queryKey: DASHBOARDS });
	}

	async #keysChanged() {
		await Promise.all([
			this.#client.invalidateQueries({ queryKey: [...answersOf(this.id), 'keys'] }),
			this.#client.invalidateQueries({ queryKey: CONNECTIONS })
		]);
	}
}

/** Shows a dashboard as it is now, and asks it anew. */
export function putDashboard(client: QueryClient, connection: DashboardConnection) {
	client.setQueryData<DashboardConnection[]>(DASHBOARDS, (all = []) =>
		all.some(({ id }) => id === connection.id)
			? all.map((one) => (one.id === connection.id ? connection : one))
			: [...all, connection]
	);
	void client.invalidateQueries({ queryKey: answersOf(connection.id) });
}
