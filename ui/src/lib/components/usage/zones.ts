import { nameOfZone, zone as systemZone } from '$lib/format/time';

/** IANA names: this computer's first, then UTC, then the others. */
export function zones(): string[] {
	const known = Intl.supportedValuesOf('timeZone').map(nameOfZone);
	const first = [...new Set([systemZone(), 'UTC'])];
	return [...new Set([...first, ...known.sort()])];
}

/** `UTC+1`, `UTC-3:30`: how far a zone is from UTC at a moment. */
export function offsetName(zone: string, at: number): string {
	const minutes = Math.round(offset(zone, at) / 60_000);
	if (minutes === 0) return 'UTC';
	const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
	const sign = minutes < 0 ? '−' : '+';
	return `UTC${sign}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

/** Milliseconds that a zone's clocks are ahead of UTC at a moment. */
function offset(zone: string, at: number): number {
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone: zone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric'
	}).formatToParts(new Date(at));
	const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
	const there = Date.UTC(
		of('year'),
		of('month') - 1,
		of('day'),
		of('hour'),
		of('minute'),
		of('second')
	);
	return there - Math.floor(at / 1000) * 1000;
}

/** When a day (`2026-11-22`) begins in a zone; null where there is no such day. */
export function midnight(day: string, zone: string): Date | null {
	const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day.trim()) ?? [];
	const utc = Date.UTC(Number(year), Number(month) - 1, Number(date));
	if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== day.trim()) return null;
	// Twice: the clocks may be set between the first guess and the day's beginning.
	const guess = utc - offset(zone, utc);
	return new Date(utc - offset(zone, guess));
}

/** The day of a moment in a zone, `2026-11-22`. */
export const dayIn = (zone: string, at: number) =>
	new Date(at + offset(zone, at)).toISOString().slice(0, 10);

/** `22 Nov 2026, 12:03:58` in a zone. */
export function fullTimeIn(zone: string, at: string | number): string {
	return new Intl.DateTimeFormat('en-GB', {
		timeZone: zone,
		day: 'numeric',
		month: 'short',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		second: '2-digit'
	}).format(new Date(at));
}

/** `12:03:58` on the day of `now` in a zone, `22 Nov, 12:03` before it. */
export function shortTimeIn(zone: string, at: string | number, now: number): string {
	const then = new Date(at);
	const clock = { timeZone: zone, hour: '2-digit', minute: '2-digit' } as const;
	if (dayIn(zone, then.getTime()) === dayIn(zone, now)) {
		return new Intl.DateTimeFormat('en-GB', { ...clock, second: '2-digit' }).format(then);
	}
	const day = { day: 'numeric', month: 'short' } as const;
	return new Intl.DateTimeFormat('en-GB', { ...clock, ...day }).format(then);
}
