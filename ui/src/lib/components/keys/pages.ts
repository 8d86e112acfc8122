import { createInfiniteQuery, createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { backend, type KeyQuery } from '$lib/backend';

const PAGE = 200;

/** Keys that fit, a page at a time: however many there are, the first ones show at once. */
export const keyPages = (asked: () => Omit<KeyQuery, 'cursor' | 'limit'>) =>
	createInfiniteQuery(() => ({
		queryKey: ['keys', 'pages', asked()],
		queryFn: ({ pageParam }) => backend.listKeys({ ...asked(), cursor: pageParam, limit: PAGE }),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor,
		placeholderData: keepPreviousData
	}));

/** One key, wherever it is in the list. */
export const keyQuery = (id: () => string | null) =>
	createQuery(() => ({
		queryKey: ['keys', 'one', id()],
		queryFn: () => backend.getKey(id() ?? ''),
		enabled: id() !== null
	}));
