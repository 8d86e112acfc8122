import {
	backend,
	toBackendError,
	type BackendError,
	type DashboardConnection,
	type DashboardPlatform
} from '$lib/backend';

/** Connecting a dashboard, or giving a connected one a new token. */
export class DashboardForm {
	slug = $state('');
	name = $state('');
	token = $state('');
	baseUrl = $state('');
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);
	readonly platforms: DashboardPlatform[];
	readonly connection: DashboardConnection | null;

	platform = $derived.by(
		() => this.platforms.find(({ platform }) => platform === this.slug) ?? this.platforms[0]
	);
	tokenName = $derived.by(
		() => this.connection?.token_name ?? this.platform?.token_name ?? 'token'
	);
	tokenError = $derived(
		this.tried && !this.token.trim()
			? `Paste the ${this.tokenName}.`
			: this.problem?.field('/token', 'The token')
	);
	nameError = $derived.by(() =>
		this.tried && !this.connection && !this.name.trim()
			? 'Give it a name, such as your company’s.'
			: this.problem?.field('/name', 'The name')
	);
	urlError = $derived(this.problem?.field('/base_url', 'The address'));
	/** What is wrong with no field in particular. */
	rest = $derived(
		this.problem && !this.tokenError && !this.nameError && !this.urlError ? this.problem : null
	);

	/** One of `platforms`; or `connection`, which needs a token only. */
	constructor(platforms: DashboardPlatform[], connection: DashboardConnection | null = null) {
		this.platforms = platforms;
		this.connection = connection;
		this.slug = platforms[0]?.platform ?? '';
		this.name = connection?.name ?? '';
	}

	/** The connection as it is now; null where something was wrong. */
	async submit(): Promise<DashboardConnection | null> {
		this.tried = true;
		this.problem = null;
		if (this.busy || this.tokenError || this.nameError) return null;
		this.busy = true;
		try {
			const made = await this.#send();
			// It is kept elsewhere now.
			this.token = '';
			return made;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return null;
		} finally {
			this.busy = false;
		}
	}

	#send() {
		if (this.connection) return backend.renewDashboardToken(this.connection.id, this.token);
		return backend.addDashboard({
			platform: this.slug,
			name: this.name,
			base_url: this.baseUrl.trim() || null,
			token: this.token
		});
	}
}
