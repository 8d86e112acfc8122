import type { Attempt, Delivery, DeliveryDetail, DeliveryState } from '$lib/backend';
import { size } from '$lib/format/number';
import { span } from '$lib/format/time';

export const STATES: Record<DeliveryState, string> = {
	waiting: 'Waiting',
	delivered: 'Delivered',
	failed: 'Given up'
};

/** Which deliveries are shown. */
export type StateFilter = 'all' | DeliveryState;

type Outcome = { status: number | null; error: string | null };

/** What came back, in a word or a number; an en dash before the first attempt. */
export function answerWord({ status, error }: Outcome): string {
	if (status !== null) return String(status);
	if (!error) return '–';
	return /timed? ?out/i.test(error) ? 'Time-out' : 'No answer';
}

export const hasFailed = ({ status, error }: Outcome): boolean =>
	status === null ? Boolean(error) : status < 200 || status > 299;

/** The last outcome of a delivery, as of an attempt. */
export const lastOutcome = (delivery: Delivery): Outcome => ({
	status: delivery.last_status,
	error: delivery.last_error
});

export type Step = { attempt: Attempt; after: string };
export type Timeline = { steps: Step[]; next: { at: string; after: string } | null };

const between = (from: string, to: string) =>
	Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));

/** Every attempt with the pause before it, and the one to come. */
export function timelineOf({ delivery, attempts }: DeliveryDetail): Timeline {
	const steps = attempts.map((attempt, i) => {
		const before = attempts[i - 1];
		return { attempt, after: before ? `after ${span(between(before.at, attempt.at))}` : 'at once' };
	});
	const last = attempts.at(-1);
	const at = delivery.state === 'waiting' ? delivery.next_attempt_at : null;
	if (!at) return { steps, next: null };
	return { steps, next: { at, after: last ? `after ${span(between(last.at, at))}` : 'at once' } };
}

/** `503, 148 bytes`, or that there was none. */
export function answerNote(attempt: Attempt): string {
	if (attempt.status === null) return answerWord(attempt);
	const body = attempt.response_body ?? '';
	const bytes = new TextEncoder().encode(body).length;
	return `${attempt.status}, ${bytes === 0 ? 'no body' : size(bytes)}`;
}

/** JSON laid out to be read; any other text as it came. */
export function laidOut(body: string): string {
	try {
		return JSON.stringify(JSON.parse(body), null, 2);
	} catch {
		return body;
	}
}

/** A request as one would write it down: its headers, then its body. */
export function requestText(attempt: Attempt | undefined, body: string): string {
	const headers = (attempt?.request_headers ?? []).map(({ name, value }) => `${name}: ${value}`);
	return [...headers, ...(headers.length ? [''] : []), laidOut(body)].join('\n');
}

/** The commonest answer of deliveries that wait, for the banner: `has answered 503`. */
export function commonAnswer(waiting: Delivery[]): string | null {
	const counts = new Map<string, number>();
	for (const one of waiting) {
		const word = answerWord(lastOutcome(one));
		if (word !== '–') counts.set(word, (counts.get(word) ?? 0) + 1);
	}
	const [word] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
	if (!word) return null;
	if (word === 'Time-out') return 'has not answered in time';
	return word === 'No answer' ? 'has not answered' : `has answered ${word}`;
}

/** When the next of these is tried. */
export function nextTry(waiting: Delivery[]): string | null {
	const times = waiting.flatMap(({ next_attempt_at: at }) => (at ? [at] : []));
	return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
