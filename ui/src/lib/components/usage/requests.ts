import { createInfiniteQuery } from '@tanstack/svelte-query';
import { backend, type Outcome, type RequestQuery, type RequestRecord } from '$lib/backend';

const PAGE = 50;

export type OutcomeFilter = Outcome | 'all';

export const OUTCOME_WORDS: Record<Outcome, string> = {
	accepted: 'Accepted',
	refused: 'Refused',
	failed: 'Failed'
};

/** An outcome as an address names it. Failed work is told by usage, not by its request. */
export const outcomeOf = (named: string | null): OutcomeFilter =>
	named === 'accepted' || named === 'refused' ? named : 'all';

/** What recent requests are narrowed to. */
export type RequestsAsked = Pick<RequestQuery, 'platform' | 'environment' | 'key_id' | 'outcome'>;

/** Requests that fit, the newest first, a page at a time; asked again as calls come in. */
export const requestPages = (wanted: () => RequestsAsked) =>
	createInfiniteQuery(() => ({
		queryKey: ['requests', wanted()],
		queryFn: ({ pageParam }) =>
			backend.listRequests({ ...wanted(), cursor: pageParam, limit: PAGE }),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor
	}));

/** `missing_scope` as words: `Missing scope`. */
export function reasonWords(reason: string): string {
	const words = reason.replaceAll(/[_.]/g, ' ').trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Why a request did not go well: its sentence, else the reason's words; nothing where it did. */
export function whyOf({ reason, detail, outcome }: RequestRecord): string | null {
	if (detail) return detail;
	if (reason) return `${reasonWords(reason)}.`;
	return outcome === 'failed' ? 'The work failed; its credits were given back.' : null;
}
