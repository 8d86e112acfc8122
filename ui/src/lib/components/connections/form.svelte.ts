import {
	backend,
	toBackendError,
	type BackendError,
	type KeyConnection,
	type Recognised
} from '$lib/backend';

/** Adding a key: pasted, recognised by what it begins with, named, sent to an address. */
export class ConnectionForm {
	key = $state('');
	name = $state('');
	baseUrl = $state('');
	slug = $state('');
	found = $state.raw<Recognised[]>([]);
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);
	/** What was typed last is what counts, whatever is answered first. */
	#asked = 0;

	platform = $derived(this.found.find(({ platform }) => platform === this.slug) ?? this.found[0]);
	/** A key was typed and belongs to nothing that is known. */
	unknown = $derived(this.key.trim().length > 12 && this.found.length === 0);
	keyError = $derived(
		this.tried && !this.key.trim()
			? 'Paste the key.'
			: this.tried && this.unknown
				? 'No platform that is known here has keys that begin like this.'
				: this.problem?.field('/key', 'The key')
	);
	nameError = $derived(
		this.tried && !this.name.trim()
			? 'Give it a name, such as Website.'
			: this.problem?.field('/name', 'The name')
	);
	urlError = $derived(this.problem?.field('/base_url', 'The address'));
	rest = $derived(
		this.problem && !this.keyError && !this.nameError && !this.urlError ? this.problem : null
	);

	async recognise() {
		const asked = ++this.#asked;
		this.problem = null;
		const found = this.key.trim() ? await backend.recogniseKey(this.key).catch(() => []) : [];
		if (asked === this.#asked) this.found = found;
	}

	/** The connection as it is now; null where something was wrong. */
	async submit(): Promise<KeyConnection | null> {
		this.tried = true;
		this.problem = null;
		if (this.busy) return null;
		await this.recognise();
		if (!this.platform || this.keyError || this.nameError) return null;
		this.busy = true;
		try {
			return await backend.addKeyConnection({
				key: this.key,
				platform: this.platform.platform,
				name: this.name,
				base_url: this.baseUrl.trim() || null
			});
		} catch (cause) {
			this.problem = toBackendError(cause);
			return null;
		} finally {
			this.busy = false;
		}
	}
}
