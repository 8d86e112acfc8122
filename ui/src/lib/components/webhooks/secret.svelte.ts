import { backend, toBackendError, type BackendError } from '$lib/backend';
import { clipboard } from '$lib/state/clipboard.svelte';

/** An endpoint's signing secret: copied by the app itself, seen here only while it is revealed. */
export class SecretView {
	shown = $state<string | null>(null);
	busy = $state<'reveal' | 'copy' | null>(null);
	problem = $state.raw<BackendError | null>(null);
	readonly #id: string;

	constructor(id: string) {
		this.#id = id;
	}

	async toggle() {
		if (this.shown !== null) return this.hide();
		await this.#try('reveal', async () => {
			this.shown = await backend.revealWebhookSecret(this.#id);
		});
	}

	hide() {
		this.shown = null;
	}

	/** Whether it is on the clipboard now. */
	copy() {
		return this.#try('copy', () =>
			clipboard.take(this.#id, () => backend.copyWebhookSecret(this.#id))
		);
	}

	async #try(act: 'reveal' | 'copy', run: () => Promise<void>): Promise<boolean> {
		if (this.busy) return false;
		this.busy = act;
		this.problem = null;
		try {
			await run();
			return true;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = null;
		}
	}
}
