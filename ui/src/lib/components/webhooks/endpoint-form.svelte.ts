import {
	backend,
	toBackendError,
	type BackendError,
	type Platform,
	type WebhookEndpoint
} from '$lib/backend';

/** Adding an endpoint, or changing one: its address and the events it hears of. */
export class EndpointForm {
	slug = $state('');
	url = $state('');
	/** The key whose events are sent, where each key has its own endpoint. */
	keyId = $state<string | null>(null);
	/** Events that are switched off; the others, and those to come, are on. */
	without = $state<string[]>([]);
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);
	readonly platforms: Platform[];
	readonly endpoint: WebhookEndpoint | null;

	platform = $derived(this.#find());
	/** The events as the platform lists them. */
	events = $derived(
		(this.platform?.webhooks.events ?? [])
			.map(({ name }) => name)
			.filter((name) => !this.without.includes(name))
	);
	urlError = $derived(
		this.tried && !this.url.trim()
			? 'Enter the address that takes the events, such as https://example.com/webhooks.'
			: this.problem?.field('/url', 'The address')
	);
	eventsError = $derived(
		this.tried && this.events.length === 0
			? 'Choose at least one event.'
			: this.problem?.fields.find(({ pointer }) => pointer.startsWith('/events'))?.detail
	);
	/** Whether a key has to be chosen. */
	perKey = $derived(this.platform?.webhooks.target === 'key');
	keyError = $derived(
		this.tried && this.perKey && !this.keyId
			? 'Choose the key whose events are sent.'
			: this.problem?.field('/key_id', 'The key')
	);
	platformError = $derived(this.problem?.field('/platform', 'The platform'));
	/** What is wrong with no field in particular. */
	rest = $derived(
		this.problem && !this.urlError && !this.eventsError && !this.platformError && !this.keyError
			? this.problem
			: null
	);

	/** For a new endpoint on one of `platforms`, or for `endpoint` as it is. */
	constructor(platforms: Platform[], endpoint: WebhookEndpoint | null = null, wanted?: string) {
		this.platforms = platforms;
		this.endpoint = endpoint;
		const first = platforms.find(({ slug }) => slug === wanted) ?? platforms[0];
		this.slug = endpoint?.platform ?? first?.slug ?? '';
		this.url = endpoint?.url ?? '';
		this.keyId = endpoint?.key_id ?? null;
		const all = this.#find()?.webhooks.events ?? [];
		if (endpoint) {
			this.without = all.map(({ name }) => name).filter((name) => !endpoint.events.includes(name));
		}
	}

	#find() {
		return this.platforms.find(({ slug }) => slug === this.slug);
	}

	choose(slug: string) {
		this.slug = slug;
		this.keyId = null;
		this.without = [];
	}

	toggle(name: string) {
		this.without = this.without.includes(name)
			? this.without.filter((one) => one !== name)
			: [...this.without, name];
	}

	/** The endpoint as the server made or changed it; null where it was refused. */
	async submit(): Promise<WebhookEndpoint | null> {
		this.problem = null;
		this.tried = true;
		if (this.busy || (this.urlError ?? this.eventsError ?? this.keyError)) return null;
		this.busy = true;
		try {
			return await this.#send();
		} catch (cause) {
			this.problem = toBackendError(cause);
			return null;
		} finally {
			this.busy = false;
		}
	}

	#send(): Promise<WebhookEndpoint> {
		const url = this.url.trim();
		const events = [...this.events];
		if (this.endpoint) {
			return backend.updateWebhookEndpoint(this.endpoint.id, this.endpoint.version, {
				url,
				events
			});
		}
		const of = this.perKey ? { key_id: this.keyId } : {};
		return backend.createWebhookEndpoint({ platform: this.slug, ...of, url, events });
	}
}
