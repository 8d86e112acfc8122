import type { Platform, WebhookEndpoint } from '$lib/backend';

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

/** Platforms that take one more endpoint of this partner. */
export function platformsWithRoom(
	platforms: Platform[],
	endpoints: Pick<WebhookEndpoint, 'platform'>[]
): Platform[] {
	return platforms.filter(({ slug, webhooks }) => {
		const taken = endpoints.filter(({ platform }) => platform === slug).length;
		return webhooks.target === 'account' && taken < webhooks.max_endpoints;
	});
}

/** Platforms that events of could be sent from, but are not. */
export const platformsUnheard = (
	platforms: Platform[],
	endpoints: Pick<WebhookEndpoint, 'platform'>[]
): Platform[] =>
	platformsWithRoom(platforms, endpoints).filter(
		({ slug }) => !endpoints.some(({ platform }) => platform === slug)
	);
