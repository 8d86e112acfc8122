import { date } from '$lib/format/time';

export type Ends = 'never' | '30' | '90' | '365' | 'date';

/** When a new key may end. */
export const ENDS: { value: Ends; label: string }[] = [
	{ value: 'never', label: 'Never ends' },
	{ value: '30', label: 'Ends in 30 days' },
	{ value: '90', label: 'Ends in 90 days' },
	{ value: '365', label: 'Ends in a year' },
	{ value: 'date', label: 'Ends on a day' }
];

const DAY = 86_400_000;

/** The first moment after a day that was typed as `2026-12-31`, here; null where it is no day. */
export function endOfDay(text: string): Date | null {
	const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim()) ?? [];
	if (!day) return null;
	const of = [Number(year), Number(month) - 1, Number(day)] as const;
	const real = new Date(...of).getDate() === of[2];
	return real ? new Date(of[0], of[1], of[2] + 1) : null;
}

/** What is wrong with a day that is to be a key's last. */
export function wrongDay(text: string, now: number): string | undefined {
	const end = endOfDay(text);
	if (!end) return `Enter a day as year-month-day, such as ${dayText(now + 90 * DAY)}.`;
	return end.getTime() > now ? undefined : `${date(end.getTime() - 1)} is over. Enter a later day.`;
}

/** A moment's day as it is typed. The first moment of a day ends the day before. */
export function dayText(at: number): string {
	const day = new Date(at - 1);
	const two = (part: number) => String(part).padStart(2, '0');
	return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The time at which a key made now ends; null for never. */
export function endsAt(ends: Ends, day: string, now: number): string | null {
	if (ends === 'never') return null;
	if (ends === 'date') return endOfDay(day)?.toISOString() ?? null;
	return new Date(now + Number(ends) * DAY).toISOString();
}
