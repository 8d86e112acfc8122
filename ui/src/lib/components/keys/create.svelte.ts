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
import { endsAt, type Ends } from './ends';

const MOST_NAME = 100;
const MOST_RATE = 100_000;

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
	rate = $state('');
	ends = $state<Ends>('never');
	tried = $state(false);
	busy = $state(false);
	problem = $state.raw<BackendError | null>(null);
	steps = $state<KeyStep['step'][]>([]);
	made = $state.raw<KeptKey | null>(null);

	#platforms = $state.raw<Platform[]>([]);
	platform: Platform | undefined = $derived(this.#platforms.find(({ slug }) => slug === this.slug));
	kinds = $derived(
		(['secret', 'public'] as const).filter((kind) =>
			this.platform?.key_prefixes.some((prefix) => prefix.kind === kind)
		)
	);
	nameError = $derived(
		(this.tried && !this.name.trim()
			? 'Give the key a name: the program that will use it.'
			: tooLong(this.name)) ?? this.problem?.field('/name', 'The name')
	);
	rateError = $derived(
		(this.rate.trim() && !isRate(this.rate) ? 'Enter a whole number from 1 to 100,000.' : '') ||
			this.problem?.field('/requests_per_minute', 'The number') ||
			undefined
	);
	rest = $derived(this.problem && !this.nameError && !this.rateError ? this.problem : null);

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

	async submit() {
		this.tried = true;
		this.problem = null;
		if (this.busy || this.nameError || this.rateError) return;
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
				requests_per_minute: this.rate.trim() ? toRate(this.rate) : null,
				expires_at: endsAt(this.ends, Date.now())
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

/** Digits with or without grouping, as a number. */
export const toRate = (text: string) => Number(text.replaceAll(/[\s,]/g, ''));

/** Whether a text is an allowed number of requests a minute. */
export function isRate(text: string): boolean {
	const rate = toRate(text);
	return Number.isInteger(rate) && rate >= 1 && rate <= MOST_RATE;
}
