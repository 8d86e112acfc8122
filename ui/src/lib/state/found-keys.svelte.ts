import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { backend, type KeyQuery } from '$lib/backend';

/** Milliseconds after the last letter before the server is asked. */
const TYPED = 120;
const MOST = 200;

/** Keys that what is typed may be about: the server finds them by one word, the page by the others. */
export class FoundKeys {
	#typed = $state('');
	#word = $state('');
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** There before the query below asks for it, and state, so that another one asks anew. */
	#among = $state.raw<() => KeyQuery>(() => ({}));
	#page = createQuery(() => ({
		queryKey: ['keys', 'found', this.#word, this.#among()],
		queryFn: () => backend.listKeys({ ...this.#among(), search: this.#word || null, limit: MOST }),
		placeholderData: keepPreviousData
	}));

	all = $derived(this.#page.data?.data ?? []);
	/** Whether the server knows of more. */
	more = $derived(Boolean(this.#page.data?.next_cursor));
	isPending = $derived(this.#page.isPending);
	/** Whether there may be keys though these ones are none of them: what was typed finds others. */
	narrowed = $derived(Boolean(this.#typed));
	/** Whether the answer to what was typed is still to come. */
	waiting = $derived(this.#typed !== this.#word || this.#page.isFetching);

	/** Finds among the keys that a query narrows the list down to, all of them unless told. */
	constructor(among: () => KeyQuery = () => ({})) {
		this.#among = among;
	}

	type(text: string) {
		const [longest = ''] = text.split(/\s+/).sort((a, b) => b.length - a.length);
		this.#typed = longest;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => (this.#word = longest), TYPED);
	}
}
