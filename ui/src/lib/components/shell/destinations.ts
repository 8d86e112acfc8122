import type { Key, Platform, WebhookEndpoint } from '$lib/backend';
import { filters } from '$lib/state/filters.svelte';
import { SCREENS } from './screens';

type Navigate = (path: string) => unknown;
export type Destination = {
	id: string;
	group: string;
	name: string;
	/** At the right edge: what it is, or where. */
	note: string;
	/** Beside the name, what finds it. */
	also: string;
	run: (navigate: Navigate) => void;
};
export type Found = {
	name: string;
	items: Destination[];
	/** How many fit, shown or not. */
	total: number;
};

const MOST = 8;

const to = (path: string) => (navigate: Navigate) => void navigate(path);

/** Everywhere one can go, the screens first. */
export function destinations(
	platforms: Platform[],
	keys: Key[],
	endpoints: WebhookEndpoint[],
	/** Acts that are there at times only. */
	acts: Destination[] = []
): Destination[] {
	const nameOf = new Map(platforms.map(({ slug, name }) => [slug, name]));
	return [
		...SCREENS.map(({ path, name, letter }) => ({
			id: `screen${path}`,
			group: 'Screens',
			name,
			note: `G ${letter.toUpperCase()}`,
			also: '',
			run: to(path)
		})),
		{
			id: 'act/key',
			group: 'Actions',
			name: 'Create key',
			note: 'N on Keys',
			also: 'new issue',
			run: to('/keys?new')
		},
		{
			id: 'act/endpoint',
			group: 'Actions',
			name: 'Add endpoint',
			note: 'N on Webhooks',
			also: 'new webhook',
			run: to('/webhooks?new')
		},
		...acts,
		...platforms.map(({ slug, name }) => ({
			id: `platform/${slug}`,
			group: 'Platforms',
			name,
			note: 'Filter every screen',
			also: slug,
			run: () => void (filters.platform = slug)
		})),
		...keys.map((key) => ({
			id: key.id,
			group: 'Keys',
			name: key.name,
			note: `${nameOf.get(key.platform) ?? key.platform}, ends in ${key.last4}`,
			also: `${key.last4} ${key.id} ${key.environment} ${nameOf.get(key.platform) ?? ''}`,
			run: to(`/keys?key=${key.id}`)
		})),
		...endpoints.map((endpoint) => ({
			id: endpoint.id,
			group: 'Endpoints',
			name: endpoint.url?.replace(/^https?:\/\//, '') ?? 'Per request',
			note: nameOf.get(endpoint.platform) ?? endpoint.platform,
			also: `${endpoint.id} webhook`,
			run: to(`/webhooks?endpoint=${endpoint.id}`)
		}))
	];
}

/** What every word of the text is found in, grouped, at most eight a group. */
export function find(all: Destination[], text: string): Found[] {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const fits = ({ name, also }: Destination) =>
		words.every((word) => `${name} ${also}`.toLowerCase().includes(word));
	const groups = new Map<string, Destination[]>();
	for (const one of all.filter(fits)) {
		const items = groups.get(one.group) ?? [];
		items.push(one);
		groups.set(one.group, items);
	}
	return [...groups].map(([name, items]) => ({
		name,
		items: items.slice(0, MOST),
		total: items.length
	}));
}
