import { toBackendError, type BackendError, type DashboardWebhook } from '$lib/backend';

type Send = (url: string, enabled: boolean) => Promise<DashboardWebhook>;

/** The webhook of a key as it is typed: begins as it is set, and follows until something is typed. */
export class WebhookDraft {
	#url = $state<string | null>(null);
	#enabled = $state<boolean | null>(null);
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);
	#set: () => DashboardWebhook | undefined;

	urlError = $derived.by(() =>
		this.tried && !this.url.trim()
			? 'Enter the address that takes the events, such as https://example.com/webhooks.'
			: undefined
	);
	changed = $derived.by(() => {
		const set = this.#set();
		return this.url !== (set?.url ?? '') || this.enabled !== isOn(set);
	});

	constructor(set: () => DashboardWebhook | undefined) {
		this.#set = set;
	}

	get url() {
		return this.#url ?? this.#set()?.url ?? '';
	}
	set url(text: string) {
		this.#url = text;
		this.tried = false;
	}

	get enabled() {
		return this.#enabled ?? isOn(this.#set());
	}
	set enabled(on: boolean) {
		this.#enabled = on;
	}

	/** Whether it was set. */
	async submit(send: Send): Promise<boolean> {
		this.tried = true;
		this.problem = null;
		if (this.busy || this.urlError) return false;
		this.busy = true;
		try {
			await send(this.url.trim(), this.enabled);
			this.#url = null;
			this.#enabled = null;
			this.tried = false;
			return true;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = false;
		}
	}
}

/** One that is set for the first time is meant to be on. */
const isOn = (set: DashboardWebhook | undefined) => (set?.url ? set.enabled : true);
