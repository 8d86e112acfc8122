import type { Delivery, WebhookEndpoint } from '$lib/backend';
import { count } from '$lib/format/number';
import { upcoming } from '$lib/format/time';
import { commonAnswer, nextTry } from './delivery';
import { standingOf } from './health';
import { shortClock } from './words';

/** A banner's words about an endpoint; none while nothing is wrong. `more`: more wait than listed. */
export function troubleOf(
	endpoint: WebhookEndpoint,
	waiting: Delivery[],
	more: boolean,
	now: number
): { title: string; next: string } | null {
	const standing = standingOf(endpoint);
	if (standing === 'off') {
		return offWords(endpoint, now);
	}
	if (standing !== 'failing') return null;
	const next = nextTry(waiting);
	const when = next ? ` The next attempt is at ${upcoming(next, now)}.` : '';
	const where = endpoint.target === 'request' ? 'The address' : 'This endpoint';
	const answer = commonAnswer(waiting);
	const since = endpoint.health.failing_since
		? shortClock(endpoint.health.failing_since, now)
		: 'the last attempt';
	if (waiting.length === 0) {
		return {
			title: `Every attempt since ${since} has failed.`,
			next: 'Nothing is waiting to be tried again.'
		};
	}
	const many = `${count(waiting.length)}${more ? ' or more' : ''}`;
	const title = waiting.length === 1 ? '1 delivery is waiting.' : `${many} deliveries are waiting.`;
	return {
		title,
		next: `${answer ? `${where} ${answer} since ${since}.` : `Failing since ${since}.`}${when}`
	};
}

/** Why an endpoint is off, since when, and what has to be done before it is switched on again. */
function offWords(
	{ disabled_reason: reason, disabled_at: at }: WebhookEndpoint,
	now: number
): { title: string; next: string } {
	const since = at ? ` since ${shortClock(at, now)}` : '';
	const title = `This endpoint is off${since}.`;
	if (reason === 'gone') {
		return {
			title,
			next: 'It answered 410: it said that nobody listens there any more. Nothing is sent to it.'
		};
	}
	if (reason === 'exhausted') {
		return {
			title,
			next: 'Every attempt of a delivery failed, so it was switched off. Put the address right first; what was given up can be replayed.'
		};
	}
	return { title, next: 'No events are sent here until it is switched on.' };
}
