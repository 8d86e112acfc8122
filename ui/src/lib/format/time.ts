const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', {
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit'
});
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', {
	day: 'numeric',
	month: 'short',
	year: 'numeric'
});

type When = string | number | Date;

/** `12:04` in this computer's zone. */
export const timeOfDay = (at: When) => clock.format(new Date(at));

/** `12:04:31` in this computer's zone. */
export const timeWithSeconds = (at: When) => clockSeconds.format(new Date(at));

/** `22 Nov 2026` */
export const date = (at: When) => dayMonthYear.format(new Date(at));

/** `22 Nov 2026, 12:03:58` */
export const fullTime = (at: When) => `${date(at)}, ${timeWithSeconds(at)}`;

/** What this computer calls its zone: `CET`, `UTC`. */
export function zoneName(at: When = Date.now()): string {
	const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(
		new Date(at)
	);
	return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}

/** The IANA name of this computer's zone. */
export const zone = () => nameOfZone(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');

/** Names that the engine knows zones by, and the IANA database no longer. */
const RENAMED: Record<string, string> = {
	'Africa/Asmera': 'Africa/Asmara',
	'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
	'America/Catamarca': 'America/Argentina/Catamarca',
	'America/Coral_Harbour': 'America/Atikokan',
	'America/Cordoba': 'America/Argentina/Cordoba',
	'America/Godthab': 'America/Nuuk',
	'America/Indianapolis': 'America/Indiana/Indianapolis',
	'America/Jujuy': 'America/Argentina/Jujuy',
	'America/Louisville': 'America/Kentucky/Louisville',
	'America/Mendoza': 'America/Argentina/Mendoza',
	'Asia/Calcutta': 'Asia/Kolkata',
	'Asia/Katmandu': 'Asia/Kathmandu',
	'Asia/Rangoon': 'Asia/Yangon',
	'Asia/Saigon': 'Asia/Ho_Chi_Minh',
	'Atlantic/Faeroe': 'Atlantic/Faroe',
	'Europe/Kiev': 'Europe/Kyiv',
	'Pacific/Enderbury': 'Pacific/Kanton',
	'Pacific/Ponape': 'Pacific/Pohnpei',
	'Pacific/Truk': 'Pacific/Chuuk'
};

/** A zone by the name it has today. */
export const nameOfZone = (name: string) => RENAMED[name] ?? name;

const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** `Now`, `4 min ago`, `3 h ago`, `Yesterday`, `6 days ago`, then the date. */
export function relative(at: When, now: number): string {
	const then = new Date(at).getTime();
	const ago = now - then;
	if (ago < MINUTE) return 'Now';
	if (ago < HOUR) return `${Math.floor(ago / MINUTE)} min ago`;
	const days = Math.round((midnight(now) - midnight(then)) / DAY);
	if (days === 0 || ago < 6 * HOUR) return `${Math.floor(ago / HOUR)} h ago`;
	if (days === 1) return 'Yesterday';
	if (days < 7) return `${days} days ago`;
	const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
	return sameYear ? dayMonth.format(then) : date(then);
}

/** A time to come: `12:08`, `tomorrow 04:10`, `25 Nov 12:47`. */
export function upcoming(at: When, now: number): string {
	const then = new Date(at).getTime();
	const days = Math.round((midnight(then) - midnight(now)) / DAY);
	if (days <= 0) return timeOfDay(then);
	return `${days === 1 ? 'tomorrow' : dayMonth.format(then)} ${timeOfDay(then)}`;
}

/** `12:04` today, else `21 Nov, 12:04`. */
export function shortTime(at: When, now: number): string {
	const then = new Date(at).getTime();
	if (midnight(then) === midnight(now)) return timeWithSeconds(then);
	return `${dayMonth.format(then)}, ${timeOfDay(then)}`;
}

/** When a bucket of a chart begins, as a table says it: `12:04`, `21 Nov, 12:04`, `21 Nov`. */
export function bucketTime(starts: string[], at: number, now: number): string {
	const [then = NaN, first = NaN, second = NaN] = [starts[at], starts[0], starts[1]].map((start) =>
		Date.parse(start ?? '')
	);
	if (second - first >= 20 * HOUR) return dayMonth.format(then);
	if (midnight(then) === midnight(now)) return timeOfDay(then);
	return `${dayMonth.format(then)}, ${timeOfDay(then)}`;
}

/** Seconds as `5 s`, `5 min`, `2 h`, `1 day`. */
export function span(seconds: number): string {
	if (seconds < 90) return `${Math.round(seconds)} s`;
	if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
	if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
	return `${Math.round(seconds / 86_400)} days`;
}

/** As it goes over the wire: UTC, from milliseconds of the epoch. */
export const wireTime = (at: number): string => new Date(at).toISOString();
