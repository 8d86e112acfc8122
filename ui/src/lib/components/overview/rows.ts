import type { Environment, KeyCount, Platform, Usage, WebhookEndpoint } from '$lib/backend';
import { keysKept } from '$lib/state/key-counts';
import { lasts } from './attention';

export type Row = {
	platform: Platform;
	live: number;
	/** Null where the platform has no test keys. */
	test: number | null;
	refused: number;
	all: number;
	keys: { live: number; test: number | null };
	lasts: number | null;
	endpoints: { healthy: number; failing: number; off: number; perRequest: boolean };
};

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** One line a platform. */
export function platformRows(
	platforms: Platform[],
	counts: KeyCount[],
	endpoints: WebhookEndpoint[],
	usage: Usage | undefined,
	week: Usage | undefined
): Row[] {
	return platforms.map((platform) => {
		const own = (usage?.series ?? []).filter(({ group }) => group === platform.slug);
		const of = (environment: Environment) => own.filter((one) => one.environment === environment);
		const requests = (series: typeof own) => sum(series.flatMap((one) => one.requests));
		const keys = (environment: Environment) =>
			keysKept(counts, { platform: platform.slug, environment });
		const hooks = endpoints.filter((one) => one.platform === platform.slug);
		const on = hooks.filter((one) => one.enabled);
		const failing = on.filter((one) => one.health.failing_since).length;
		const hasTest = platform.environments.includes('test');
		return {
			platform,
			live: requests(of('live')),
			test: hasTest ? requests(of('test')) : null,
			refused: sum(own.flatMap((one) => one.refused)),
			all: requests(own),
			keys: { live: keys('live'), test: hasTest ? keys('test') : null },
			lasts: lasts(platform, week),
			endpoints: {
				healthy: on.length - failing,
				failing,
				off: hooks.length - on.length,
				perRequest: platform.webhooks.target === 'request'
			}
		};
	});
}
