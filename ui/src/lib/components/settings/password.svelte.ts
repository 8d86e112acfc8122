import { backend, toBackendError, type BackendError } from '$lib/backend';
import { tooShort } from '$lib/components/session/passphrase';

/** Changing the passphrase of the member who is signed in. */
export class PasswordForm {
	current = $state('');
	next = $state('');
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);

	currentError = $derived(
		this.tried && !this.current
			? 'Enter the passphrase you sign in with now.'
			: this.problem?.field('/current_password', 'It') || this.problem?.code === 'wrong_credentials'
				? 'That is not the passphrase you sign in with now.'
				: undefined
	);
	nextError = $derived(
		(this.tried ? tooShort(this.next) : undefined) ??
			this.problem?.field('/password', 'The passphrase')
	);
	/** What is wrong with neither field. */
	rest = $derived(this.problem && !this.currentError && !this.nextError ? this.problem : null);

	async generate() {
		this.problem = null;
		try {
			this.next = await backend.generatePassphrase();
		} catch (cause) {
			this.problem = toBackendError(cause);
		}
	}

	/** Whether it was changed; what was typed is forgotten then. */
	async submit(): Promise<boolean> {
		this.problem = null;
		this.tried = true;
		if (this.busy || this.currentError || this.nextError) return false;
		this.busy = true;
		try {
			const { current, next } = this;
			await backend.updateMe({ partner_name: null, password: next, current_password: current });
			this.forget();
			return true;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = false;
		}
	}

	forget() {
		this.current = '';
		this.next = '';
		this.tried = false;
		this.problem = null;
	}
}
