import { backend, toBackendError, type BackendError } from '$lib/backend';
import { app } from '$lib/state/app.svelte';

/** The partner's name, as it stands and as it is typed. */
export class NameForm {
	name = $state('');
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);

	error = $derived(
		this.tried && !this.name.trim()
			? 'Enter a name: your company’s or your own.'
			: this.problem?.field('/partner_name', 'The name')
	);
	rest = $derived(this.problem && !this.error ? this.problem : null);

	constructor(name: string) {
		this.name = name;
	}

	/** Whether it was changed. */
	async submit(): Promise<boolean> {
		this.problem = null;
		this.tried = true;
		if (this.busy || this.error) return false;
		this.busy = true;
		try {
			const change = { partner_name: this.name.trim(), password: null, current_password: null };
			const me = await backend.updateMe(change);
			if (app.state) app.show({ ...app.state, me });
			return true;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = false;
		}
	}
}
