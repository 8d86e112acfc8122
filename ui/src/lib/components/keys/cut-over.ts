import type { CutOver } from '$lib/backend';
import { plural } from '$lib/format/number';
import { relative, span, timeOfDay } from '$lib/format/time';

const sum = (calls: number[]) => calls.reduce((all, one) => all + one, 0);

/** Calls of the last hour. */
export const totals = ({ old_calls, new_calls }: CutOver) => ({
	old: sum(old_calls),
	new: sum(new_calls)
});

/** Whether the old key still works beside the new one. */
export const isRunning = ({ old }: CutOver) => old.status === 'retiring';

/** The last call with the old key, in a sentence. */
export function oldWords({ old_last_call_at: at }: CutOver, now: number): string {
	return at ? `Last call ${relative(at, now).toLowerCase()}` : 'Never called';
}

/** The last call with the new key that was let in. */
export function newWords({ new_last_success_at: at }: CutOver, now: number): string {
	return at ? `Last success ${relative(at, now).toLowerCase()}` : 'No call let in yet';
}

/** Why the old key cannot be ended safely yet; null once it can. */
export function unsafeWords(cutOver: CutOver, now: number): string | null {
	if (cutOver.safe_to_end) return null;
	const { old_last_call_at, new_last_success_at, silent_for_seconds } = cutOver;
	if (!new_last_success_at) return 'No call with the new key has been let in yet.';
	if (!old_last_call_at) return 'The old key has to be silent a little longer.';
	const ago = relative(old_last_call_at, now).toLowerCase();
	return `The old key was called ${ago === 'now' ? 'just now' : ago}. It has to be silent for ${span(silent_for_seconds)}.`;
}

/** How much of the grace is left: a word and a share from 0 to 1. */
export function graceOf({ old }: CutOver, began: string, now: number) {
	const end = old.grace_ends_at ? Date.parse(old.grace_ends_at) : now;
	const left = Math.max(0, end - now);
	const whole = Math.max(1, end - Date.parse(began));
	return { words: `${span(left / 1000)} left`, share: Math.min(1, left / whole) };
}

export type CallBar = { x: number; height: number };

/** Bars of one key, a minute each; `most` is that of both keys, so that they compare. */
export function barsOf(calls: number[], most: number, height: number, pitch: number): CallBar[] {
	return calls.map((count, i) => ({
		x: i * pitch,
		// What is there shows, however little it is.
		height: count === 0 ? 0 : Math.max(2, Math.round((count / Math.max(1, most)) * height))
	}));
}

/** What the picture shows, in words. */
export function spoken(cutOver: CutOver): string {
	const { old, new: fresh } = totals(cutOver);
	const first = cutOver.minutes[0];
	const since = first ? ` since ${timeOfDay(first)}` : '';
	return `${plural(fresh, 'call')} with the new key and ${plural(old, 'call')} with the old key${since}, by the minute.`;
}
