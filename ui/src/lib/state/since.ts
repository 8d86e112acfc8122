export type SinceName = 'start' | 'day' | 'week' | 'month' | 'quarter';

const DAY = 86_400_000;

/** Since when movements are counted. */
export const SINCE: Record<SinceName, { label: string; days: number | null }> = {
	start: { label: 'From the beginning', days: null },
	day: { label: 'Last 24 hours', days: 1 },
	week: { label: 'Last 7 days', days: 7 },
	month: { label: 'Last 30 days', days: 30 },
	quarter: { label: 'Last 90 days', days: 90 }
};

/** The moment a choice means; null is the beginning. */
export function sinceWhen(name: SinceName, now: number): string | null {
	const { days } = SINCE[name];
	return days === null ? null : new Date(now - days * DAY).toISOString();
}
