import type { Interval } from '$lib/backend';

export type SpanName = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year' | 'custom';

const DAY = 86_400;
/** Minutes are kept for three hours. */
const MINUTES_KEPT = 3 * 3600;
/** More points than that no picture shows and no table is read in. */
const MOST_BUCKETS = 3000;

/** Ranges that end now. */
export const SPANS: Record<Exclude<SpanName, 'custom'>, { label: string; seconds: number }> = {
	hour: { label: 'Last hour', seconds: 3600 },
	day: { label: 'Last 24 hours', seconds: DAY },
	week: { label: 'Last 7 days', seconds: 7 * DAY },
	month: { label: 'Last 30 days', seconds: 30 * DAY },
	quarter: { label: 'Last 90 days', seconds: 90 * DAY },
	year: { label: 'Last 12 months', seconds: 365 * DAY }
};

export const INTERVALS: Record<Interval, { label: string; seconds: number }> = {
	minute: { label: 'Minutes', seconds: 60 },
	quarter_hour: { label: 'Quarter hours', seconds: 900 },
	hour: { label: 'Hours', seconds: 3600 },
	day: { label: 'Days', seconds: DAY }
};

/** The intervals that a range can be divided into, the finest first. */
export function intervalsOf(seconds: number, endsNow: boolean): Interval[] {
	return (Object.keys(INTERVALS) as Interval[]).filter((name) => {
		if (name === 'minute' && !(endsNow && seconds <= MINUTES_KEPT)) return false;
		const buckets = seconds / INTERVALS[name].seconds;
		return buckets >= 2 && buckets <= MOST_BUCKETS;
	});
}

/** The interval that a picture of a range reads best in: some thirty to two hundred points. */
export function usualInterval(seconds: number, endsNow: boolean): Interval {
	const possible = intervalsOf(seconds, endsNow);
	const readable = possible.find((name) => seconds / INTERVALS[name].seconds <= 200);
	return readable ?? possible.at(-1) ?? 'day';
}

/** From and to of a range that ends now. A range of days ends with today: its first is whole. */
export function spanUntil(now: number, seconds: number, interval: Interval) {
	const back = interval === 'day' ? seconds - DAY : seconds;
	return { from: new Date(now - back * 1000), to: new Date(now) };
}
