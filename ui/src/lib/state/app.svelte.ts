import {
	backend,
	heard,
	toBackendError,
	type AppState,
	type BackendError,
	type Me,
	type Settings
} from '$lib/backend';
import { theme } from './theme.svelte';

/** What the app is doing as a whole: its server, its keychain, who is signed in. */
class App {
	state = $state.raw<AppState | null>(null);
	settings = $state.raw<Settings | null>(null);
	problem = $state.raw<BackendError | null>(null);
	/** Whether the server answers; while it does not, changing is disabled. */
	online = $state(true);
	/** When what is shown was last known to be right. */
	asOf = $state(Date.now());
	/** Whether a session ended by itself: the screen stays, dimmed, under the sign-in. */
	ended = $state(false);

	signedIn = $derived(this.state?.signed_in ?? false);
	/** Whether the partner is made up, to look around in. */
	isSample = $derived(this.state?.me?.partner.sample ?? false);
	keychain = $derived(this.state?.keychain ?? 'present');
	keychainName = $derived(this.state?.keychain_name ?? 'keychain');
	/** Why nothing can be changed now; undefined when it can. */
	readOnly = $derived(this.online ? undefined : 'The server does not answer. Reading still works.');

	/** Whether this page was left signed in: a guess before the app answers. */
	get wasSignedIn() {
		return localStorage.getItem('signed-in') === 'yes';
	}

	async load() {
		try {
			this.show(await backend.getApp());
			this.problem = null;
		} catch (cause) {
			this.problem = toBackendError(cause);
		}
	}

	show(state: AppState) {
		this.state = state;
		this.#remember(state.signed_in);
		theme.choose(state.theme);
	}

	/** Everything the app tells unasked, as long as the page lives. */
	listen() {
		const stops = [
			heard.connection(({ online, as_of }) => {
				this.online = online;
				this.asOf = Date.parse(as_of);
			}),
			heard.keychain((keychain) => this.#set({ keychain })),
			heard.signedOut(() => (this.ended = this.signedIn))
		];
		return () => stops.forEach((stop) => stop());
	}

	signIn(me: Me) {
		this.ended = false;
		const has_account = this.state?.has_account || !me.partner.sample;
		this.#set({ me, signed_in: true, has_account });
		this.#remember(true);
	}

	async signOut() {
		await backend.endSession();
		this.#signedOut();
	}

	async exploreSample() {
		this.signIn(await backend.exploreSample());
	}

	/** It signs out as well. */
	async removeSample() {
		await backend.removeSample();
		this.#signedOut();
	}

	#signedOut() {
		this.ended = false;
		this.#set({ me: null, signed_in: false });
		this.#remember(false);
	}

	async loadSettings() {
		this.settings ??= await backend.getSettings();
		return this.settings;
	}

	async saveSettings(change: Partial<Settings>) {
		const before = await this.loadSettings();
		this.settings = await backend.updateSettings({ ...before, ...change });
		theme.choose(this.settings.theme);
		this.#set({
			theme: this.settings.theme,
			clipboard_seconds: this.settings.clipboard_seconds
		});
	}

	async unlockKeychain() {
		this.#set({ keychain: await backend.unlockKeychain() });
	}

	#remember(signedIn: boolean) {
		localStorage.setItem('signed-in', signedIn ? 'yes' : 'no');
	}

	#set(change: Partial<AppState>) {
		if (this.state) this.state = { ...this.state, ...change };
	}
}

export const app = new App();
