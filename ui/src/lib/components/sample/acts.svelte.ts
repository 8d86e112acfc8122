import { toBackendError, type BackendError } from '$lib/backend';
import { app } from '$lib/state/app.svelte';
import { toasts } from '$lib/state/toasts.svelte';

/** Going into the sample data, and doing away with it. */
class Sample {
	busy = $state<'opening' | 'removing' | null>(null);
	/** Why it was not opened. */
	problem = $state.raw<BackendError | null>(null);

	async explore() {
		if (this.busy) return;
		this.busy = 'opening';
		this.problem = null;
		try {
			await app.exploreSample();
		} catch (cause) {
			this.problem = toBackendError(cause);
		} finally {
			this.busy = null;
		}
	}

	async remove() {
		if (this.busy) return;
		this.busy = 'removing';
		try {
			await app.removeSample();
			toasts.say('Sample data removed.');
		} catch (cause) {
			toasts.say(`The sample data was not removed. ${toBackendError(cause).message}`);
		} finally {
			this.busy = null;
		}
	}
}

export const sample = new Sample();

/** Doing away with it, as the palette offers it. */
export const removal = {
	id: 'act/sample',
	group: 'Actions',
	name: 'Remove sample data',
	note: 'Signs out',
	also: 'delete',
	run: () => void sample.remove()
};
