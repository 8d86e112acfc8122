import type { Key, Platform, WebhookEndpoint } from '$lib/backend';

export type Address = { host: string; path: string };

/** An address as it is read here: without its scheme, the host apart because only it may be cut. */
export function addressOf(url: string): Address {
	const rest = url.replace(/^https?:\/\//i, '');
	const at = rest.search(/[/?#]/);
	if (at < 0) return { host: rest, path: '' };
	const path = rest.slice(at);
	return { host: rest.slice(0, at), path: path === '/' ? '' : path };
}

/** What an endpoint is called where there is room for one line. */
export function titleOf(endpoint: Pick<WebhookEndpoint, 'url'>): string {
	if (endpoint.url === null) return 'Per request';
	const { host, path } = addressOf(endpoint.url);
	return host + path;
}

/** Whether the partner adds endpoints on a platform itself, for its account or for a key. */
export const takesEndpoints = ({ webhooks }: Pick<Platform, 'webhooks'>) =>
	webhooks.target !== 'request';

/** Platforms that take one more endpoint of this partner. Where each key has its own there is room. */
export function platformsWithRoom(
	platforms: Platform[],
	endpoints: Pick<WebhookEndpoint, 'platform'>[]
): Platform[] {
	return platforms.filter((platform) => {
		if (!takesEndpoints(platform)) return false;
		const { slug, webhooks } = platform;
		const taken = endpoints.filter((one) => one.platform === slug).length;
		return webhooks.target === 'key' || taken < webhooks.max_endpoints;
	});
}

/** Keys of a platform that can have one more endpoint, by name. */
export function keysWithRoom(
	platform: Platform,
	keys: Key[],
	endpoints: Pick<WebhookEndpoint, 'key_id'>[]
): Key[] {
	const taken = (id: string) => endpoints.filter(({ key_id }) => key_id === id).length;
	return keys
		.filter(({ platform: slug, status }) => slug === platform.slug && isUsable(status))
		.filter(({ id }) => taken(id) < platform.webhooks.max_endpoints)
		.sort((a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }));
}

/** The old key of a rotation hands its endpoint to the new one. */
const isUsable = (status: Key['status']) => status === 'active' || status === 'paused';

/** Platforms that events of could be sent from, but are not. */
export const platformsUnheard = (
	platforms: Platform[],
	endpoints: Pick<WebhookEndpoint, 'platform'>[]
): Platform[] =>
	platformsWithRoom(platforms, endpoints).filter(
		({ slug }) => !endpoints.some(({ platform }) => platform === slug)
	);
