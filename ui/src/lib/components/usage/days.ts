import { midnight } from './zones';

const DAY = 86_400_000;
const MOST_DAYS = 731;
const FORM = 'Enter a day as year, month, day: 2026-11-01.';

/** What is wrong with first and last day of a range. */
export function wrongDays(first: string, last: string): { first?: string; last?: string } {
	const [from, to] = [midnight(first, 'UTC'), midnight(last, 'UTC')];
	if (!from || !to) return { ...(from ? {} : { first: FORM }), ...(to ? {} : { last: FORM }) };
	if (to < from) return { last: 'Enter a day that is not before the first.' };
	if ((to.getTime() - from.getTime()) / DAY >= MOST_DAYS) {
		return { last: 'Enter a day at most two years after the first.' };
	}
	return {};
}
