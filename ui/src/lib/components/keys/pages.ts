import { createInfiniteQuery, createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { backend, type Key, type KeyQuery, type KeyStatus } from '$lib/backend';
import { keysOf } from '$lib/state/queries';

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

/** Who calls no more, or soon will not. */
const STOPPED: KeyStatus[] = ['revoked', 'expired', 'paused', 'retiring'];
const MARKED = 100;

/**
 * Keys that charts are marked with: of each way to stop the last hundred that were in use, and those
 * that took their places.
 */
export const stoppedKeysQuery = () =>
	createQuery(() => ({
		queryKey: ['keys', 'stopped'],
		queryFn: async (): Promise<Key[]> => {
			const pages = await Promise.all(
				STOPPED.map((status) =>
					backend.listKeys({ status, sort: 'last_used', descending: true, limit: MARKED })
				)
			);
			const stopped = pages.flatMap(({ data }) => data);
			const known = new Set(stopped.map(({ id }) => id));
			const heirs = stopped.flatMap(({ replaced_by: id }) => (id && !known.has(id) ? [id] : []));
			return [...stopped, ...(await keysOf(heirs))];
		}
	}));
