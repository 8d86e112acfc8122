import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { backend } from '$lib/backend';

/** Milliseconds after the last letter before the server is asked. */
const TYPED = 120;
const MOST = 200;

/** Keys that what is typed may be about: the server finds them by one word, the page by the others. */
export class FoundKeys {
	#word = $state('');
	#timer: ReturnType<typeof setTimeout> | undefined;
	#page = createQuery(() => ({
		queryKey: ['keys', 'found', this.#word],
		queryFn: () => backend.listKeys({ search: this.#word || null, limit: MOST }),
		placeholderData: keepPreviousData
	}));

	all = $derived(this.#page.data?.data ?? []);
	/** Whether the server knows of more. */
	more = $derived(Boolean(this.#page.data?.next_cursor));

	type(text: string) {
		const [longest = ''] = text.split(/\s+/).sort((a, b) => b.length - a.length);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => (this.#word = longest), TYPED);
	}
}
