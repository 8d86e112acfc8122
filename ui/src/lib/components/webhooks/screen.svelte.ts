import type { Platform, WebhookEndpoint } from '$lib/backend';
import { platformsWithRoom, takesEndpoints } from './address';

type Sources = {
	platforms: () => Platform[];
	endpoints: () => WebhookEndpoint[];
	/** The platform that every screen is filtered by. */
	only: () => string | null;
	/** The endpoint that the page's address names. */
	named: () => string | null;
};

/** What the screen shows of all endpoints, and which of its dialogs is open. */
export class WebhooksScreen {
	/** Adding an endpoint: the platform to begin with, where one was meant. */
	adding = $state<{ slug: string | undefined } | null>(null);
	/** The endpoint that was just added, while its secret is handed over. */
	added = $state.raw<WebhookEndpoint | null>(null);
	#from: Sources;

	readonly platforms = $derived.by(() =>
		this.#from.platforms().filter(({ slug }) => this.#fits(slug))
	);
	/** Failing ones first: they are what one comes here for. */
	readonly endpoints = $derived.by(() => {
		const mine = this.#from.endpoints().filter(({ platform }) => this.#fits(platform));
		const isFailing = ({ enabled, health }: WebhookEndpoint) =>
			enabled && health.failing_since !== null;
		return [...mine.filter(isFailing), ...mine.filter((one) => !isFailing(one))];
	});
	readonly current = $derived.by(
		() => this.endpoints.find(({ id }) => id === this.#from.named()) ?? this.endpoints[0]
	);
	/** Where one more endpoint can be added, whatever is filtered. */
	readonly withRoom = $derived.by(() =>
		platformsWithRoom(this.#from.platforms(), this.#from.endpoints())
	);
	/** Whether no platform that is shown has endpoints, or could have one. */
	readonly barren = $derived.by(
		() => this.endpoints.length === 0 && !this.withRoom.some(({ slug }) => this.#fits(slug))
	);
	/** Why no endpoint can be added. */
	readonly full = $derived.by(() =>
		this.withRoom.length > 0
			? undefined
			: this.#from.platforms().some(takesEndpoints)
				? 'Every platform has all the endpoints it allows. Edit one, or delete one first.'
				: 'No platform takes endpoints: the address comes with each request.'
	);

	constructor(from: Sources) {
		this.#from = from;
	}

	#fits(slug: string) {
		const only = this.#from.only();
		return only === null || only === slug;
	}

	/** Opens the dialog where an endpoint can be added. */
	add(slug?: string) {
		if (this.full) return;
		this.adding = { slug: slug ?? this.#from.only() ?? undefined };
	}
}
