import type { BackendError, Environment, IpEntry } from '$lib/backend';
import { AddressLines, type LineErrors } from '$lib/components/keys/addresses.svelte';

/** As many as the server takes for an account, both environments together. */
export const MOST_ENTRIES = 100;

export const entriesOf = (all: IpEntry[], environment: Environment) =>
	all.filter((entry) => entry.environment === environment);

/** The addresses of one environment as they are typed; those of the other go along as they are. */
export class EntriesForm {
	readonly typed = new AddressLines();
	#environment: Environment;
	#began: string;
	/** How many entries of the other environment stand before these in what was sent. */
	#before = 0;

	constructor(environment: Environment, entries: IpEntry[]) {
		this.#environment = environment;
		this.#began = JSON.stringify(entries);
		for (const entry of entries) this.typed.add(entry.rule, entry);
		if (entries.length === 0) this.typed.add();
	}

	/** All entries of the account to send, live before test. */
	take(now: IpEntry[]): IpEntry[] {
		const environment = this.#environment;
		const own = this.typed.takeLines().map((line) => ({ ...line, environment }));
		const others = now.filter((entry) => entry.environment !== environment);
		this.#before = environment === 'live' ? 0 : others.length;
		return environment === 'live' ? [...own, ...others] : [...others, ...own];
	}

	/** Whether the addresses are still those that one began to change. */
	isAsBefore(entries: IpEntry[]): boolean {
		return JSON.stringify(entries) === this.#began;
	}

	/** What the server says of each line, by the line's id. */
	errors(problem: BackendError | null | undefined): LineErrors {
		const of = (part: string) => (place: number) => `/ip_entries/${this.#before + place}/${part}`;
		return { ...this.typed.errors(problem, of('note')), ...this.typed.errors(problem, of('rule')) };
	}
}
