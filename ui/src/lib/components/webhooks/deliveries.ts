import { createInfiniteQuery, createQuery } from '@tanstack/svelte-query';
import { backend, type DeliveryQuery } from '$lib/backend';

const PAGE = 100;
/** As many as the server gives at once: counts above it are said as "200+". */
export const MOST_COUNTED = 200;

type Asked = Pick<DeliveryQuery, 'endpoint_id' | 'environment' | 'state'>;

const ask = (asked: Asked, cursor: string | null, limit: number) =>
	backend.listDeliveries({ ...asked, platform: null, cursor, limit });

/** Deliveries that fit, the newest first, a page at a time. */
export const deliveryPages = (asked: () => Asked) =>
	createInfiniteQuery(() => ({
		queryKey: ['deliveries', 'pages', asked()],
		queryFn: ({ pageParam }) => ask(asked(), pageParam, PAGE),
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page.next_cursor
	}));

/** One page of deliveries in a state, to count and to replay. */
export const deliveriesIn = (asked: () => Asked) =>
	createQuery(() => ({
		queryKey: ['deliveries', 'in', asked()],
		queryFn: () => ask(asked(), null, MOST_COUNTED)
	}));

/** A delivery with its attempts. */
export const deliveryQuery = (id: () => string) =>
	createQuery(() => ({
		queryKey: ['deliveries', 'one', id()],
		queryFn: () => backend.getDelivery(id())
	}));

/** `14`, `200+`; nothing while it is not known. */
export function counted(page: { data: unknown[]; next_cursor: string | null } | undefined): string {
	if (!page) return '';
	return page.next_cursor ? `${page.data.length}+` : String(page.data.length);
}
