import { createInfiniteQuery } from '@tanstack/svelte-query';
import { backend, type AuditQuery } from '$lib/backend';

const PAGE = 100;

export type AuditAsked = Pick<AuditQuery, 'platform' | 'action' | 'subject_id'>;

/** Records that fit, the newest first, a page at a time. */
export const auditPages = (
	wanted: () => AuditAsked,
	since: () => { key: unknown; from: string | null }
) =>
	createInfiniteQuery(() => ({
		queryKey: ['audit', wanted(), since().key],
		queryFn: ({ pageParam }) =>
			backend.listAuditEvents({
				...wanted(),
				from: since().from,
				to: null,
				cursor: pageParam,
				limit: PAGE
			}),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor
	}));
