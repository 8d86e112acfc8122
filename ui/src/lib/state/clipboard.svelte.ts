import { backend, heard, type ClipboardState } from '$lib/backend';

/** What the app last put on the clipboard, and how long it stays there. */
class Clipboard {
	/** Whether something of ours is on the clipboard. */
	holds = $state(false);
	/** Id of the key or endpoint whose secret that is, where this page copied it. */
	#source = $state<string | null>(null);
	/** Seconds left; null where it is never cleared. */
	left = $state<number | null>(null);
	/** Seconds it had when it was copied or extended, for the bar. */
	of = $state(1);
	#clearsAt = 0;
	#timer: ReturnType<typeof setInterval> | undefined;

	listen() {
		return heard.clipboard((state) => this.show(state));
	}

	/** Copies the secret of a key or an endpoint. */
	async take(source: string, copy: () => Promise<ClipboardState>) {
		this.show(await copy());
		this.#source = source;
	}

	/** Whether what is on the clipboard is the secret of this key or endpoint. */
	holdsThatOf(source: string) {
		return this.holds && this.#source === source;
	}

	show(state: ClipboardState | null) {
		clearInterval(this.#timer);
		this.holds = state !== null;
		this.left = null;
		if (!state) this.#source = null;
		if (!state?.clears_at) return;
		this.#clearsAt = Date.parse(state.clears_at);
		this.of = Math.max(1, Math.round((this.#clearsAt - Date.now()) / 1000));
		this.#tick();
		this.#timer = setInterval(() => this.#tick(), 1000);
	}

	#tick() {
		this.left = Math.max(0, Math.round((this.#clearsAt - Date.now()) / 1000));
		if (this.left === 0) this.show(null);
	}

	async extend(seconds: number) {
		this.show(await backend.extendClipboard(seconds));
	}

	async clear() {
		await backend.clearClipboard();
		this.show(null);
	}
}

export const clipboard = new Clipboard();
