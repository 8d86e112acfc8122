import type { QueryClient } from '@tanstack/svelte-query';
import { backend, type Account, type Platform, type UpdateAccount } from '$lib/backend';
import { Attempt } from '$lib/state/attempt.svelte';

/** What can be changed of an account; a failure stays until the next act. */
export class AccountActs {
	#client: QueryClient;
	#attempt = new Attempt((error) => {
		// Somebody else was quicker: what is shown is asked for again.
		if (error.code === 'stale_version') void this.#refresh();
	});

	constructor(client: QueryClient) {
		this.#client = client;
	}

	get problem() {
		return this.#attempt.problem;
	}

	/** What went wrong is no longer of interest. */
	forget() {
		this.#attempt.problem = null;
	}

	/** Changes an account as it is shown; the caller tells of what goes wrong. */
	async send({ slug, account }: Platform, change: UpdateAccount): Promise<Account> {
		try {
			const changed = await backend.updateAccount(slug, account.version, change);
			this.#put(slug, changed);
			return changed;
		} catch (cause) {
			await this.#refresh();
			throw cause;
		}
	}

	/** Whether it went well. */
	change(platform: Platform, change: UpdateAccount, failure: string): Promise<boolean> {
		return this.#attempt.make(failure, () => this.send(platform, change));
	}

	/** Shows a changed account before the server tells of it. */
	#put(slug: string, account: Account) {
		this.#client.setQueryData<Platform[]>(['platforms'], (all) =>
			all?.map((one) => (one.slug === slug ? { ...one, account } : one))
		);
	}

	#refresh = () => this.#client.invalidateQueries({ queryKey: ['platforms'] });
}
