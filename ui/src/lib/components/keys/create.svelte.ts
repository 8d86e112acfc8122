import {
	backend,
	heard,
	toBackendError,
	type BackendError,
	type Environment,
	type KeptKey,
	type KeyKind,
	type KeyStep,
	type Platform
} from '$lib/backend';
import { AddressLines } from './addresses.svelte';
import { endsAt, wrongDay, type Ends } from './ends';
import { limitsOf, type Limit, type LimitName } from './limits';

const MOST_NAME = 100;

/** What is wrong with a name that is longer than the server takes. */
export function tooLong(name: string): string | undefined {
	const { length } = [...name.trim()];
	return length > MOST_NAME
		? `The name has ${length} characters, ${MOST_NAME} are allowed. Shorten it.`
		: undefined;
}

/** A new key: what is asked, and how far it has come. */
export class NewKey {
	name = $state('');
	slug = $state('');
	environment = $state<Environment>('test');
	kind = $state<KeyKind>('secret');
	scopes = $state<string[]>([]);
	/** What is typed for each limit; nothing means the platform's. */
	typed = $state<Partial<Record<LimitName, string>>>({});
	ends = $state<Ends>('never');
	/** The last day, where one is typed. */
	day = $state('');
	addresses = new AddressLines();
	tried = $state(false);
	busy = $state(false);
	problem = $state.raw<BackendError | null>(null);
	steps = $state<KeyStep['step'][]>([]);
	made = $state.raw<KeptKey | null>(null);

	#platforms = $state.raw<Platform[]>([]);
	platform: Platform | undefined = $derived(this.#platforms.find(({ slug }) => slug === this.slug));
	/** What can be chosen from: nothing where both come together. */
	kinds = $derived(
		(['secret', 'public'] as const).filter(
			(kind) =>
				!this.platform?.paired_keys &&
				this.platform?.key_prefixes.some((prefix) => prefix.kind === kind)
		)
	);
	/** Why no live key can be made here now. */
	noLive = $derived(
		this.environment === 'live' && this.platform?.account.live_enabled === false
			? `Live mode is off for your account on ${this.platform.name}. Its operator turns it on.`
			: undefined
	);
	nameError = $derived(
		(this.tried && !this.name.trim()
			? 'Give the key a name: the program that will use it.'
			: tooLong(this.name)) ?? this.problem?.field('/name', 'The name')
	);
	/** Test calls are over at once and cost nothing, so there is less to limit. */
	limits: Limit[] = $derived(
		this.platform
			? limitsOf(this.platform).filter(({ spends }) => !spends || this.environment === 'live')
			: []
	);
	errors = $derived(
		Object.fromEntries(this.limits.map((limit) => [limit.name, this.#error(limit)])) as Partial<
			Record<LimitName, string>
		>
	);
	dayError = $derived(
		this.ends === 'date' && (this.tried || this.day.trim())
			? (wrongDay(this.day, Date.now()) ?? this.problem?.field('/expires_at', 'The day'))
			: undefined
	);
	addressErrors = $derived(this.addresses.errors(this.problem));
	#wrong = $derived(
		Boolean(this.nameError ?? this.dayError) ||
			Object.keys(this.addressErrors).length > 0 ||
			Object.values(this.errors).some((error) => error !== undefined)
	);
	rest = $derived(this.problem && !this.#wrong ? this.problem : null);

	constructor(platforms: Platform[], slug: string | null) {
		this.#platforms = platforms;
		this.choosePlatform(slug ?? platforms[0]?.slug ?? '');
	}

	choosePlatform(slug: string) {
		this.slug = slug;
		const platform = this.#platforms.find((one) => one.slug === slug);
		this.scopes = platform?.scopes.filter((one) => one.default).map(({ name }) => name) ?? [];
		this.kind = 'secret';
		const [first] = platform?.environments ?? [];
		if (first && !platform?.environments.includes(this.environment)) this.environment = first;
	}

	toggleScope(name: string) {
		this.scopes = this.scopes.includes(name)
			? this.scopes.filter((one) => one !== name)
			: [...this.scopes, name];
	}

	/** What is wrong with a limit: what was typed, or what the server says of it. */
	#error({ name, wrong }: Limit): string | undefined {
		const text = this.typed[name]?.trim();
		return (text ? wrong(text) : undefined) ?? this.problem?.field(`/${name}`, 'The number');
	}

	/** The limits as the API takes them. */
	#asked() {
		const asked = this.limits.map(({ name, read }) => {
			const text = this.typed[name]?.trim();
			return [name, text ? read(text) : null];
		});
		return Object.fromEntries(asked) as Partial<Record<LimitName, number | null>>;
	}

	async submit() {
		this.tried = true;
		this.problem = null;
		if (this.busy || this.#wrong) return;
		this.busy = true;
		this.steps = [];
		const stop = heard.keyStep(({ step }) => this.steps.push(step));
		try {
			this.made = await backend.createKey({
				platform: this.slug,
				name: this.name.trim(),
				environment: this.environment,
				kind: this.kind,
				scopes: this.platform?.scopes.length ? $state.snapshot(this.scopes) : null,
				...this.#asked(),
				expires_at: endsAt(this.ends, this.day, Date.now()),
				ip_rules: this.addresses.take()
			});
		} catch (cause) {
			this.problem = toBackendError(cause);
		} finally {
			stop();
			this.busy = false;
		}
	}

	/** The next key, on the same platform. */
	again() {
		this.name = '';
		this.tried = false;
		this.made = null;
		this.steps = [];
	}
}
