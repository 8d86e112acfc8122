import { createInfiniteQuery, createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { backend, type EntryQuery } from '$lib/backend';

const PAGE = 50;

/** The explained balance of every platform, from a moment on or from the beginning. */
export const creditsQuery = (from: () => string | null, key: () => unknown) =>
	createQuery(() => ({
		queryKey: ['credits', 'explained', key()],
		queryFn: () => backend.getCredits({ from: from() }),
		placeholderData: keepPreviousData
	}));

export type EntriesAsked = Pick<EntryQuery, 'platform' | 'kind'>;

/** Movements that fit, the newest first, a page at a time. */
export const entryPages = (wanted: () => EntriesAsked) =>
	createInfiniteQuery(() => ({
		queryKey: ['credits', 'entries', wanted()],
		queryFn: ({ pageParam }) =>
			backend.listCreditEntries({ ...wanted(), cursor: pageParam, limit: PAGE }),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor
	}));

/** Attempts to buy on a platform, the newest first, a page at a time. */
export const topUpPages = (platform: () => string) =>
	createInfiniteQuery(() => ({
		queryKey: ['credits', 'top-ups', platform()],
		queryFn: ({ pageParam }) =>
			backend.listTopUps({ platform: platform(), cursor: pageParam, limit: 20 }),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor
	}));
