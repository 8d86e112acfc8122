import type { QueryClient } from '@tanstack/svelte-query';
import {
	backend,
	toBackendError,
	type Account,
	type Platform,
	type UpdateAccount
} from '$lib/backend';
import { Attempt } from '$lib/state/attempt.svelte';

/** What can be changed of an account; a failure stays until the next act. */
export class AccountActs {
	/** As it was last changed from here, or as somebody else has left it and the person was told. */
	#known: { slug: string; account: Account } | null = null;
	#client: QueryClient;
	#attempt = new Attempt();

	constructor(client: QueryClient) {
		this.#client = client;
	}

	get problem() {
		return this.#attempt.problem;
	}

	/** What is known here of an account that a change was begun on. */
	seen({ slug, account }: Platform): Account {
		const known = this.#known?.slug === slug ? this.#known.account : account;
		return known.version > account.version ? known : account;
	}

	/**
	 * Changes an account as it was when the change was begun: what somebody else has changed since
	 * is not overwritten unseen. The caller tells of what goes wrong; sent again, it holds.
	 */
	async send(begun: Platform, change: UpdateAccount): Promise<Account> {
		const { slug } = begun;
		try {
			const changed = await backend.updateAccount(slug, this.seen(begun).version, change);
			this.#known = { slug, account: changed };
			this.#put(slug, changed);
			return changed;
		} catch (cause) {
			if (toBackendError(cause).code === 'stale_version') await this.#lookAgain(slug);
			throw cause;
		}
	}

	/** Whether it went well. */
	change(begun: Platform, change: UpdateAccount, failure: string): Promise<boolean> {
		return this.#attempt.make(failure, () => this.send(begun, change));
	}

	async #lookAgain(slug: string) {
		await this.#client.invalidateQueries({ queryKey: ['platforms'] });
		const platforms = this.#client.getQueryData<Platform[]>(['platforms']);
		const account = platforms?.find((one) => one.slug === slug)?.account;
		if (account) this.#known = { slug, account };
	}

	/** Shows a changed account before the server tells of it. */
	#put(slug: string, account: Account) {
		this.#client.setQueryData<Platform[]>(['platforms'], (all) =>
			all?.map((one) => (one.slug === slug ? { ...one, account } : one))
		);
	}
}
