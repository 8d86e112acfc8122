import type { Interval, UsageQuery } from '$lib/backend';
import { zone, zoneName } from '$lib/format/time';

export type RangeName = 'hour' | 'day' | 'week' | 'month';

type Range = {
	label: string;
	/** For column heads. */
	short: string;
	/** After a number: "requests in the last hour". */
	words: string;
	/** One bucket, spoken. */
	each: string;
	seconds: number;
	interval: Interval;
};

export const RANGES: Record<RangeName, Range> = {
	hour: {
		label: 'Last hour',
		short: 'Last hour',
		words: 'in the last hour',
		each: 'minute',
		seconds: 3600,
		interval: 'minute'
	},
	day: {
		label: 'Last 24 hours',
		short: 'Last 24 h',
		words: 'in the last 24 hours',
		each: 'quarter hour',
		seconds: 86_400,
		interval: 'quarter_hour'
	},
	week: {
		label: 'Last 7 days',
		short: 'Last 7 d',
		words: 'in the last 7 days',
		each: 'hour',
		seconds: 7 * 86_400,
		interval: 'hour'
	},
	month: {
		label: 'Last 30 days',
		short: 'Last 30 d',
		words: 'in the last 30 days',
		each: 'day',
		seconds: 30 * 86_400,
		interval: 'day'
	}
};

/** The usage to ask for over a range that ends now. */
export function usageQuery(
	name: RangeName,
	now: number,
	rest: Partial<UsageQuery> = {}
): UsageQuery {
	const range = RANGES[name];
	// A range of days ends with today: its first day is not one more, cut short.
	const back = range.interval === 'day' ? range.seconds - 86_400 : range.seconds;
	return {
		from: new Date(now - back * 1000).toISOString(),
		to: new Date(now).toISOString(),
		interval: range.interval,
		timezone: zone(),
		group_by: null,
		environment: null,
		platform: null,
		key_id: null,
		operation: null,
		...rest
	};
}

/** For captions: `Last 24 hours, times in CET`. */
export const rangeWords = (name: RangeName) => `${RANGES[name].label}, times in ${zoneName()}`;

/** Whether a text names a range. */
export const isRange = (name: string | null): name is RangeName => name !== null && name in RANGES;
