import { QueryClient, createQuery, keepPreviousData } from '@tanstack/svelte-query';
import {
	backend,
	heard,
	type Delivery,
	type DeliveryQuery,
	type Key,
	type KeyId,
	type Page,
	type Topic
} from '$lib/backend';
import { app } from './app.svelte';
import { gather } from './gather';

/** A client that asks again when the server says that something changed, and only then. */
export function createQueryClient(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				staleTime: Infinity,
				gcTime: 10 * 60_000,
				retry: false,
				networkMode: 'always',
				refetchOnWindowFocus: false,
				refetchOnReconnect: false
			}
		}
	});
}

/** Milliseconds. */
const AT_MOST_EVERY = 1000;

const TOPICS: Record<Topic, string[]> = {
	keys: ['keys'],
	usage: ['usage', 'platforms', 'credits'],
	accounts: ['platforms', 'keys', 'credits'],
	credits: ['credits', 'platforms'],
	endpoints: ['endpoints'],
	deliveries: ['deliveries', 'endpoints'],
	replays: ['replays', 'deliveries'],
	audit: ['audit'],
	requests: ['requests'],
	me: ['sessions'],
	everything: []
};

/** Asks again for what a change touches: at once, then at most once a second. */
export function follow(client: QueryClient): () => void {
	const ask = (roots: Set<string>) =>
		void client.invalidateQueries({
			predicate: ({ queryKey }) => roots.has('everything') || roots.has(String(queryKey[0]))
		});
	const gathered = gather(ask, AT_MOST_EVERY);
	const stop = heard.change(({ topic }) => {
		app.asOf = Date.now();
		gathered.add(topic === 'everything' ? ['everything'] : TOPICS[topic]);
	});
	return () => {
		stop();
		gathered.stop();
	};
}

/** Every page of a list, at most `most` rows. */
export async function wholeList<T>(
	page: (cursor: string | null) => Promise<Page<T>>,
	most = 5000
): Promise<T[]> {
	const rows: T[] = [];
	let cursor: string | null = null;
	do {
		const answer: Page<T> = await page(cursor);
		rows.push(...answer.data);
		cursor = answer.next_cursor;
	} while (cursor && rows.length < most);
	return rows;
}

/**
 * Whether one of them is still waited for. Every one is asked: a query keeps up only with what has
 * been read of it, so one that fails before it was read would be waited for without end.
 */
export const anyPending = (...queries: { isPending: boolean }[]): boolean =>
	queries.filter(({ isPending }) => isPending).length > 0;

/** So many ids does a list of keys take at once. */
const IDS_AT_ONCE = 100;

/** The keys of these ids; those that are not there are left out. */
export async function keysOf(ids: KeyId[]): Promise<Key[]> {
	const parts = Array.from({ length: Math.ceil(ids.length / IDS_AT_ONCE) }, (_, i) =>
		ids.slice(i * IDS_AT_ONCE, (i + 1) * IDS_AT_ONCE)
	);
	const pages = await Promise.all(
		parts.map((part) => backend.listKeys({ ids: part.join(','), limit: IDS_AT_ONCE }))
	);
	return pages.flatMap(({ data }) => data);
}

export const platformsQuery = () =>
	createQuery(() => ({ queryKey: ['platforms'], queryFn: () => backend.listPlatforms() }));

/** The keys by whose names a page calls what it shows: those of these ids, however many there are. */
export const namedKeysQuery = (ids: () => (KeyId | null)[]) =>
	createQuery(() => {
		const wanted = [...new Set(ids())].filter((id) => id !== null).sort();
		return {
			queryKey: ['keys', 'named', wanted],
			queryFn: () => keysOf(wanted),
			enabled: wanted.length > 0,
			placeholderData: keepPreviousData,
			select: (keys: Key[]) => new Map(keys.map((key) => [key.id as string, key]))
		};
	});

/** How many keys there are, by platform and environment. */
export const keyCountsQuery = () =>
	createQuery(() => ({ queryKey: ['keys', 'counts'], queryFn: () => backend.countKeys() }));

export const endpointsQuery = () =>
	createQuery(() => ({ queryKey: ['endpoints'], queryFn: () => backend.listWebhookEndpoints() }));

/** Keys of platforms elsewhere; they live on this computer, so no server tells of them. */
export const connectionsQuery = () =>
	createQuery(() => ({
		queryKey: ['connections'],
		queryFn: () => backend.listKeyConnections()
	}));

/** Up to 1,000 deliveries that fit the query, the newest first. */
export const deliveriesQuery = (query: () => Partial<DeliveryQuery>) =>
	createQuery(() => ({
		queryKey: ['deliveries', query()],
		queryFn: () =>
			wholeList<Delivery>(
				(cursor) =>
					backend.listDeliveries({
						endpoint_id: null,
						platform: null,
						environment: null,
						state: null,
						...query(),
						cursor,
						limit: 200
					}),
				1000
			)
	}));
