import { backend, toBackendError, type BackendError } from '$lib/backend';
import { app } from '$lib/state/app.svelte';
import { tooShort } from './passphrase';

const looksLikeEmail = (text: string) => /^\S+@\S+\.\S+$/.test(text);

/** Signing in, with what is typed or with what the keychain keeps. */
export class SignInForm {
	email = $state('');
	password = $state('');
	busy = $state(false);
	problem = $state.raw<BackendError | null>(null);
	tried = $state(false);
	#savedEmail = $state<string | null>(null);
	/** The passphrase that was kept is no longer the account's. */
	#stale = $state(false);

	/** Whether the keychain holds the passphrase of the email that stands there. */
	kept = $derived(this.#savedEmail !== null && this.#savedEmail === this.email.trim());
	emailError = $derived(
		this.tried && !looksLikeEmail(this.email.trim())
			? 'Enter the address of your account, such as name@example.com.'
			: undefined
	);
	passwordError = $derived(
		!this.tried || this.password || this.kept
			? undefined
			: this.#stale
				? `The passphrase in the ${app.keychainName} is not the account’s any more. Type the new one.`
				: 'Enter your passphrase.'
	);

	async loadSaved() {
		const saved = await backend.savedLogin();
		if (saved.email && !this.email) this.email = saved.email;
		if (saved.password_kept) this.#savedEmail = saved.email;
	}

	async submit() {
		this.tried = true;
		if (this.busy || this.emailError || this.passwordError) return;
		this.busy = true;
		this.problem = null;
		try {
			const email = this.email.trim();
			const password = this.password;
			app.signIn(
				password
					? await backend.createSession({ email, password })
					: await backend.createSessionWithSaved(email)
			);
			this.password = '';
		} catch (cause) {
			this.#refused(toBackendError(cause));
		} finally {
			this.busy = false;
		}
	}

	/** Nobody typed the kept passphrase: to check it again would help nobody. */
	#refused(problem: BackendError) {
		this.#stale = this.kept && !this.password && problem.code === 'wrong_credentials';
		if (this.#stale) this.#savedEmail = null;
		else this.problem = problem;
	}
}

/** Creating the partner's account, with a passphrase of one's own or a generated one. */
export class SignUpForm {
	name = $state('');
	email = $state('');
	password = $state('');
	keep = $state(true);
	generated = $state(false);
	busy = $state(false);
	problem = $state.raw<BackendError | null>(null);
	tried = $state(false);

	nameError = $derived(
		(this.tried && !this.name.trim() ? 'Enter a name: your company’s or your own.' : undefined) ??
			this.problem?.field('/name', 'The name')
	);
	emailError = $derived(
		(this.tried && !looksLikeEmail(this.email.trim())
			? 'Enter an address, such as name@example.com.'
			: undefined) ?? this.problem?.field('/email', 'The address')
	);
	passwordError = $derived(
		(this.tried ? tooShort(this.password) : undefined) ??
			this.problem?.field('/password', 'The passphrase')
	);
	/** What is wrong with no field in particular. */
	rest = $derived(this.problem && this.problem.fields.length === 0 ? this.problem : null);

	async generate() {
		this.problem = null;
		try {
			this.password = await backend.generatePassphrase();
			this.generated = true;
			this.keep = true;
		} catch (cause) {
			this.problem = toBackendError(cause);
		}
	}

	async submit() {
		this.problem = null;
		this.tried = true;
		if (this.busy || this.nameError || this.emailError || this.passwordError) return;
		this.busy = true;
		try {
			const { password } = this;
			const request = { name: this.name.trim(), email: this.email.trim(), password };
			app.signIn(await backend.createPartner(request, this.keep));
			this.password = '';
		} catch (cause) {
			this.problem = toBackendError(cause);
		} finally {
			this.busy = false;
		}
	}
}
