import type { Interval, Measure, UsageGroup, UsageQuery } from '$lib/backend';
import { date, zone as systemZone } from '$lib/format/time';
import { filters } from '$lib/state/filters.svelte';
import { SPANS, intervalsOf, spanUntil, usualInterval, type SpanName } from './ranges';
import { dayIn, midnight } from './zones';

const DAY = 86_400;

/** What the screen of use is asked for; it stays while one looks at other screens. */
class Asked {
	span = $state<SpanName>('week');
	/** First and last day of a range of one's own, `2026-11-22`. */
	days = $state.raw<{ first: string; last: string } | null>(null);
	/** The interval asked for; null is the one that reads best. */
	#interval = $state<Interval | null>(null);
	zone = $state(systemZone());
	measure = $state<Measure>('requests');
	group = $state<UsageGroup | null>(null);
	keyId = $state<string | null>(null);
	operation = $state<string | null>(null);

	/** From and to of the range of one's own; the last day is a part of it. */
	#own = $derived.by(() => {
		const from = this.days && midnight(this.days.first, this.zone);
		const last = this.days && midnight(this.days.last, this.zone);
		if (!from || !last) return null;
		// A day and a half on is in the next day, whatever the clocks do.
		const next = midnight(dayIn(this.zone, last.getTime() + 1.5 * DAY * 1000), this.zone);
		return next && { from, to: next };
	});
	/** Seconds. */
	length = $derived(
		this.span === 'custom' && this.#own
			? (this.#own.to.getTime() - this.#own.from.getTime()) / 1000
			: SPANS[this.span === 'custom' ? 'week' : this.span].seconds
	);
	endsNow = $derived(this.span !== 'custom');
	intervals = $derived(intervalsOf(this.length, this.endsNow));
	interval = $derived(
		this.#interval && this.intervals.includes(this.#interval)
			? this.#interval
			: usualInterval(this.length, this.endsNow)
	);
	/** `Last 7 days`, `1 Nov 2026 to 12 Nov 2026`. */
	label = $derived.by(() => {
		if (this.span !== 'custom') return SPANS[this.span].label;
		const day = (text = '') => date(`${text}T12:00:00`);
		return `${day(this.days?.first)} to ${day(this.days?.last)}`;
	});
	/** For captions: `Last 7 days, times in Europe/Vienna`. */
	words = $derived(`${this.label}, times in ${this.zone}`);
	/** What makes two questions different, beside the moment they are asked. */
	key = $derived({
		span: this.span,
		days: this.days,
		interval: this.interval,
		zone: this.zone,
		environment: filters.environment,
		key: this.keyId,
		operation: this.operation
	});

	chooseInterval(interval: Interval) {
		this.#interval = interval;
	}

	chooseDays(first: string, last: string) {
		this.days = { first, last };
		this.span = 'custom';
	}

	/** The question as it is asked at a moment. */
	query(now: number, rest: Partial<UsageQuery> = {}): UsageQuery {
		const own = this.span === 'custom' ? this.#own : null;
		const { from, to } = own ?? spanUntil(now, this.length, this.interval);
		return {
			from: from.toISOString(),
			to: to.toISOString(),
			interval: this.interval,
			timezone: this.zone,
			group_by: null,
			// Only live calls cost credits.
			environment: filters.environment ?? (this.measure === 'credits' ? 'live' : null),
			platform: filters.platform,
			key_id: this.keyId,
			operation: this.operation,
			...rest
		};
	}

	/** As an address asks for: `/usage?key=key_01`. */
	take(wanted: URLSearchParams) {
		const key = wanted.get('key');
		if (key) this.keyId = key;
	}
}

export const asked = new Asked();
