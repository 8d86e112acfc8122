import { date, timeOfDay } from '$lib/format/time';

const sameDay = (a: number, b: number) => new Date(a).toDateString() === new Date(b).toDateString();

/** A moment in a sentence: `09:12` today, `21 Nov 2026, 09:12` before. */
export function shortClock(at: string, now: number): string {
	const then = Date.parse(at);
	return sameDay(then, now) ? timeOfDay(then) : `${date(then)}, ${timeOfDay(then)}`;
}

/** `dlv_01KAPX…7QX2`: enough of an id to tell it from its neighbours. */
export function shortId(id: string): string {
	const [prefix, ulid = ''] = id.split('_');
	return ulid.length > 9 ? `${prefix}_${ulid.slice(0, 5)}…${ulid.slice(-4)}` : id;
}

/** With a capital letter and a full stop. */
export function asSentence(text: string): string {
	const capital = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
