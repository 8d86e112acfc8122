import type { QueryClient } from '@tanstack/svelte-query';
import { Attempt } from '$lib/state/attempt.svelte';
import {
	backend,
	type Delivery,
	type UpdateWebhookEndpoint,
	type WebhookEndpoint
} from '$lib/backend';

/** What can be done with an endpoint and its deliveries; a failure stays until the next act. */
export class EndpointActs {
	testing = $state(false);
	/** How many of how many are replayed, while they are. */
	replaying = $state<{ done: number; of: number } | null>(null);
	#client: QueryClient;
	// Somebody else may have changed it: show how it stands now.
	#attempt = new Attempt(() => this.#ask('endpoints'));

	constructor(client: QueryClient) {
		this.#client = client;
	}

	get problem() {
		return this.#attempt.problem;
	}

	/** Changes an endpoint at once; whether that went well. */
	update(endpoint: WebhookEndpoint, change: UpdateWebhookEndpoint, failure: string) {
		return this.#attempt.make(failure, async () => {
			this.put(await backend.updateWebhookEndpoint(endpoint.id, endpoint.version, change));
		});
	}

	/** Sends a test; the delivery it became. */
	async test(endpoint: WebhookEndpoint): Promise<Delivery | null> {
		if (this.testing) return null;
		this.testing = true;
		let sent: Delivery | null = null;
		await this.#attempt.make('The test was not sent.', async () => {
			sent = await backend.testWebhookEndpoint(endpoint.id);
			this.#ask('deliveries');
		});
		this.testing = false;
		return sent;
	}

	/** Sends deliveries again, one after the other, and stops at the first refusal. */
	async replay(deliveries: Pick<Delivery, 'id'>[]): Promise<boolean> {
		if (this.replaying) return false;
		const of = deliveries.length;
		this.replaying = { done: 0, of };
		const well = await this.#attempt.make('Not everything was sent again.', async () => {
			for (const { id } of deliveries) {
				await backend.replayDelivery(id);
				this.replaying = { done: (this.replaying?.done ?? 0) + 1, of };
			}
		});
		this.replaying = null;
		this.#ask('deliveries');
		return well;
	}

	/** Gives it a new signing secret; the former one signs too for so many seconds. */
	rotateSecret(endpoint: WebhookEndpoint, overlap: number) {
		return this.#attempt.make('The signing secret was not rotated.', async () => {
			this.put(await backend.rotateWebhookSecret(endpoint.id, { overlap_seconds: overlap }));
		});
	}

	delete(endpoint: WebhookEndpoint) {
		return this.#attempt.make('The endpoint was not deleted.', async () => {
			await backend.deleteWebhookEndpoint(endpoint.id);
			this.#client.setQueryData<WebhookEndpoint[]>(['endpoints'], (all) =>
				all?.filter(({ id }) => id !== endpoint.id)
			);
			this.#ask('deliveries');
		});
	}

	/** Shows an endpoint as the server gave it, before the list is asked for again. */
	put(endpoint: WebhookEndpoint) {
		this.#client.setQueryData<WebhookEndpoint[]>(['endpoints'], (all = []) =>
			all.some(({ id }) => id === endpoint.id)
				? all.map((one) => (one.id === endpoint.id ? endpoint : one))
				: [...all, endpoint]
		);
		this.#ask('endpoints');
	}

	#ask(root: 'endpoints' | 'deliveries') {
		void this.#client.invalidateQueries({ queryKey: [root] });
	}
}
