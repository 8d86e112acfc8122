import type { Key, Platform } from '$lib/backend';
import { amount, unitLabel } from '$lib/format/amount';
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

/** What is wrong with an amount of credits. */
function wrongCredits(text: string): string | undefined {
	const credits = toNumber(text);
	const exact = /^[\d\s,]*(\.\d{1,6})?$/.test(text.trim());
	return exact && credits > 0 && credits <= MOST_CREDITS
		? undefined
		: `Enter an amount above 0, at most ${count(MOST_CREDITS)}, with a point before decimals.`;
}

/** A limit by its name in the API. */
export type LimitName =
	'requests_per_minute' | 'concurrent_limit' | 'daily_limit' | 'credit_allowance';

export type Limit = {
	name: LimitName;
	label: string;
	/** What is changed, in the middle of a sentence. */
	subject: string;
	/** What the number means. */
	note: string;
	/** What holds where the key has no limit of its own; undefined where nothing does. */
	usual: string | undefined;
	/** Whether it is about spending, which test keys do not do. */
	spends: boolean;
	/** What is wrong with a text that is not empty. */
	wrong: (text: string) => string | undefined;
	/** The text as the API takes it. */
	read: (text: string) => number;
	/** A limit as it is typed. */
	written: (limit: number) => string;
};

/** Every limit that a key of this platform may have, in the order of their reach. */
export function limitsOf({ unit, requests_per_minute, concurrency }: Platform): Limit[] {
	const credits = {
		usual: undefined,
		spends: true,
		wrong: wrongCredits,
		read: toAmount,
		written: (limit: number) => amount(limit, unit.decimals)
	};
	const calls = { read: toNumber, written: String };
	return [
		{
			...calls,
			name: 'requests_per_minute',
			label: 'Requests a minute',
			subject: 'requests a minute',
			note: 'Calls above it are refused.',
			usual: count(requests_per_minute),
			spends: false,
			wrong: whole(MOST_REQUESTS)
		},
		{
			...calls,
			name: 'concurrent_limit',
			label: 'In parallel',
			subject: 'operations in parallel',
			note: 'Operations under way at once.',
			usual: concurrency ? count(concurrency) : undefined,
			spends: true,
			wrong: whole(MOST_AT_ONCE)
		},
		{
			...credits,
			name: 'daily_limit',
			label: `${unitLabel(unit)} a day`,
			subject: 'the limit a day',
			note: `In ${unit.name}, until 00:00 UTC, holds included.`
		},
		{
			...credits,
			name: 'credit_allowance',
			label: `${unitLabel(unit)} in all`,
			subject: 'the limit in all',
			note: `In ${unit.name}, since the key was created, holds included.`
		}
	];
}

/** What an empty field of a limit means. */
export const emptyMeans = ({ usual }: Limit) =>
	usual === undefined ? 'Empty means no limit.' : `Empty means the platform’s ${usual}.`;

/** What a key has spent of a limit of spending, in millionths. */
export function spentOf(key: Key, name: LimitName): number | undefined {
	if (name === 'daily_limit') return key.spent_today ?? 0;
	return name === 'credit_allowance' ? (key.spent_in_all ?? 0) : undefined;
}
