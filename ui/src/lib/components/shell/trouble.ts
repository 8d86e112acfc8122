import type { Platform, WebhookEndpoint } from '$lib/backend';

export type Trouble = { kind: 'danger' | 'warn'; word: string };

/** Below this many of its cheapest calls a balance is low, unless the account says its own. */
const CALLS_LEFT = 10;

/** What the sidebar marks a platform with: the worst that is the case, if anything is. */
export function troubleOf(platform: Platform, endpoints: WebhookEndpoint[]): Trouble | null {
	const { account, operations } = platform;
	if (account.suspended_at) return { kind: 'danger', word: 'suspended' };
	const failing = endpoints.some(
		(endpoint) =>
			endpoint.platform === platform.slug && endpoint.enabled && endpoint.health.failing_since
	);
	if (failing) return { kind: 'danger', word: 'endpoint failing' };
	const prices = operations.map(({ price }) => price).filter((price) => price > 0);
	const cheapest = Math.min(...prices);
	if (prices.length > 0 && account.balance < cheapest) {
		return { kind: 'danger', word: 'out of credits' };
	}
	const threshold = account.low_balance ?? cheapest * CALLS_LEFT;
	if (prices.length > 0 && account.balance < threshold) {
		return { kind: 'warn', word: 'low balance' };
	}
	return null;
}
