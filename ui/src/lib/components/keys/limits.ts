import { count } from '$lib/format/number';

const PER_CREDIT = 1_000_000;
const MOST_REQUESTS = 100_000;
const MOST_AT_ONCE = 10_000;
const MOST_CREDITS = 1_000_000_000;

/** Digits with or without grouping, as a number. */
export const toNumber = (text: string) =>
	text.trim() ? Number(text.replaceAll(/[\s,]/g, '')) : NaN;

/** Credits as they are typed, in millionths; the server takes no smaller parts. */
export const toAmount = (text: string) => Math.round(toNumber(text) * PER_CREDIT);

function whole(most: number) {
	return (text: string) => {
		const number = toNumber(text);
		return Number.isInteger(number) && number >= 1 && number <= most
			? undefined
			: `Enter a whole number from 1 to ${count(most)}.`;
	};
}

/** What is wrong with a number of requests a minute. */
export const wrongRequests = whole(MOST_REQUESTS);

/** What is wrong with a number of operations at once. */
export const wrongAtOnce = whole(MOST_AT_ONCE);

/** What is wrong with an amount of credits. */
export function wrongCredits(text: string): string | undefined {
	const credits = toNumber(text);
	const exact = /^[\d\s,]*(\.\d{1,6})?$/.test(text.trim());
	return exact && credits > 0 && credits <= MOST_CREDITS
		? undefined
		: `Enter an amount above 0, at most ${count(MOST_CREDITS)}, with a point before decimals.`;
}
