import { toBackendError, type BackendError, type Settings } from '$lib/backend';
import { app } from '$lib/state/app.svelte';
import { shortcuts } from '$lib/state/shortcuts.svelte';

/** A setting that takes effect at once, and comes back with the reason where it was not kept. */
export class Saving {
	busy = $state(false);
	problem = $state.raw<BackendError | null>(null);

	/** Shows the change before it is kept; whether it was. */
	async save(change: Partial<Settings>): Promise<boolean> {
		if (this.busy) return false;
		const before = app.settings;
		this.busy = true;
		this.problem = null;
		if (before) app.settings = { ...before, ...change };
		try {
			await app.saveSettings(change);
			shortcuts.letters = app.settings?.single_letter_shortcuts ?? true;
			return true;
		} catch (cause) {
			app.settings = before;
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = false;
		}
	}
}
