import { backend, toBackendError, type BackendError } from '$lib/backend';
import { app } from '$lib/state/app.svelte';

/** The passphrase rule of the server, said before it has to. */
export const LEAST = 15;

const looksLikeEmail = (text: string) => /^\S+@\S+\.\S+$/.test(text);

/** Signing in, with what is typed or with what the keychain keeps. */
export class SignInForm {
	email = $state('');
	password = $state('');
	busy = $state(false);
	problem = $state.raw<BackendError | null>(null);
	tried = $state(false);
	#savedEmail = $state<string | null>(null);

	/** Whether the keychain holds the passphrase of the email that stands there. */
	kept = $derived(this.#savedEmail !== null && this.#savedEmail === this.email.trim());
	emailError = $derived(
		this.tried && !looksLikeEmail(this.email.trim())
			? 'Enter the address of your account, such as name@example.com.'
			: undefined
	);
	passwordError = $derived(
		this.tried && !this.password && !this.kept ? 'Enter your passphrase.' : undefined
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
			this.problem = toBackendError(cause);
		} finally {
			this.busy = false;
		}
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
			this.problem?.field('/name')
	);
	emailError = $derived(
		(this.tried && !looksLikeEmail(this.email.trim())
			? 'Enter an address, such as name@example.com.'
			: undefined) ?? this.problem?.field('/email')
	);
	passwordError = $derived(
		(this.tried && [...this.password].length < LEAST
			? `The passphrase has ${[...this.password].length} characters, at least ${LEAST} are needed.`
			: undefined) ?? this.problem?.field('/password')
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
