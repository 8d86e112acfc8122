import type { DisabledReason, EndpointHealth, HourlyAttempts, WebhookEndpoint } from '$lib/backend';
import { plural, share } from '$lib/format/number';
import { shortClock } from './words';

const HOURS = 24;
const HEIGHT = 18;
/** The least height that still shows as a bar, and as a hollow one. */
const LEAST = 3;

export type Standing = 'off' | 'failing' | 'waiting' | 'healthy' | 'quiet';

/** How an endpoint stands: the worst that is the case. */
export function standingOf({ enabled, health }: WebhookEndpoint): Standing {
	if (!enabled) return 'off';
	if (health.failing_since) return 'failing';
	if (health.waiting > 0) return 'waiting';
	return attemptsOf(health).all > 0 ? 'healthy' : 'quiet';
}

export const STANDINGS: Record<Standing, string> = {
	off: 'Off',
	failing: 'Failing',
	waiting: 'Waiting',
	healthy: 'Healthy',
	quiet: 'Nothing sent in the last 24 hours'
};

/** Attempts of the last 24 hours. */
export function attemptsOf({ hourly }: EndpointHealth): { all: number; succeeded: number } {
	const succeeded = hourly.reduce((sum, hour) => sum + hour.succeeded, 0);
	const failed = hourly.reduce((sum, hour) => sum + hour.failed, 0);
	return { all: succeeded + failed, succeeded };
}

/** Share of the last 24 hours' attempts that succeeded: `81.4 %`, an en dash without any. */
export function successOf(health: EndpointHealth): string {
	const { all, succeeded } = attemptsOf(health);
	return share(succeeded, all);
}

const OFF: Record<DisabledReason, string> = {
	by_member: 'Off: no events are sent here',
	gone: 'Off: it answered 410, gone',
	exhausted: 'Off: its retries were used up'
};

/** What stands below an endpoint in the list, where there is something to say. */
export function troubleLine(endpoint: WebhookEndpoint, now: number): string | null {
	const { waiting, failing_since: since } = endpoint.health;
	const standing = standingOf(endpoint);
	if (standing === 'off') return OFF[endpoint.disabled_reason ?? 'by_member'];
	if (standing === 'waiting') return `${plural(waiting, 'delivery', 'deliveries')} waiting`;
	if (standing !== 'failing' || !since) return null;
	const line = `Failing since ${shortClock(since, now)}`;
	return waiting > 0 ? `${line}, ${waiting} waiting` : line;
}

export type Bar = { x: number; height: number; failedHeight: number };

/** The attempts of each of the last 24 hours as bars, 6 px apart: failures stand on top. */
export function barsOf(hourly: HourlyAttempts[]): Bar[] {
	const hours = [
		...Array<HourlyAttempts>(Math.max(0, HOURS - hourly.length)).fill({ succeeded: 0, failed: 0 }),
		...hourly.slice(-HOURS)
	];
	const most = Math.max(1, ...hours.map(({ succeeded, failed }) => succeeded + failed));
	return hours.map(({ succeeded, failed }, i) => {
		const scaled = (part: number) =>
			part === 0 ? 0 : Math.max(LEAST, Math.round((part / most) * HEIGHT));
		const failedHeight = scaled(failed);
		return { x: i * 6, height: Math.min(scaled(succeeded), HEIGHT - failedHeight), failedHeight };
	});
}

/** The bars in words. */
export function spokenBars(health: EndpointHealth): string {
	const { all, succeeded } = attemptsOf(health);
	if (all === 0) return 'No attempts in the last 24 hours';
	const attempts = plural(all, 'attempt');
	return `${attempts} in the last 24 hours, ${successOf(health)} succeeded, ${all - succeeded} failed`;
}
