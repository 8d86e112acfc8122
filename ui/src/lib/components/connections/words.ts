import type { CheckOutcome, DashboardConnection, DashboardDay, DashboardTopUp } from '$lib/backend';
import { amountWithUnit, type Unit } from '$lib/format/amount';
import { plural } from '$lib/format/number';
import { span } from '$lib/format/time';

/** `2 dashboards, 3 keys`; what there is none of is left out. */
export const countWords = (keys: number, dashboards: number) =>
	[dashboards && plural(dashboards, 'dashboard'), keys && plural(keys, 'key')]
		.filter(Boolean)
		.join(', ');

/** A number of the platform's as it said it, its thousands set apart: `8214.50` is `8,214.50`. */
export function grouped(told: string): string {
	const [whole = '', ...decimals] = told.split('.');
	if (!/^-?\d+(\.\d+)?$/.test(told)) return told;
	return [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...decimals].join('.');
}

/** How a connection stands, in a word. */
export const OUTCOMES: Record<CheckOutcome, string> = {
	works: 'Works',
	refused: 'Refused',
	unreachable: 'Not reached',
	unclear: 'Unclear'
};

export type Tone = 'ok' | 'warn' | 'danger';
export type Standing = { tone: Tone; word: string };

const SOON = 10 * 60_000;

/** How a dashboard's token stands. What it says of its end counts less than what the platform says. */
export function tokenStanding(
	{ last_check, token_ends_at }: Pick<DashboardConnection, 'last_check' | 'token_ends_at'>,
	now: number
): Standing {
	const left = token_ends_at ? Date.parse(token_ends_at) - now : null;
	const outcome = last_check?.outcome;
	if (outcome === 'refused') return { tone: 'danger', word: 'Token refused' };
	if (left !== null && left <= 0) return { tone: 'danger', word: 'Token ended' };
	if (outcome === 'unreachable' || outcome === 'unclear') {
		return { tone: 'warn', word: OUTCOMES[outcome] };
	}
	const ends = left === null ? null : `token ends in ${span(Math.max(60, left / 1000))}`;
	if (ends && left !== null && left < SOON) {
		return { tone: 'warn', word: ends.replace('token', 'Token') };
	}
	if (!outcome) return { tone: 'warn', word: ends ? `Not tried yet, ${ends}` : 'Not tried yet' };
	return { tone: 'ok', word: ends ? `Works, ${ends}` : 'Works' };
}

/** Whether a new token is what is needed. */
export const needsToken = (standing: Standing) => standing.tone === 'danger';

/** When credits are bought, in a sentence. */
export function topUpWords({ enabled, amount, threshold }: DashboardTopUp, unit: Unit): string {
	if (!enabled) return 'Off: nothing is bought by itself.';
	return `Buys ${amountWithUnit(amount, unit)} when the balance falls below ${amountWithUnit(threshold, unit)}.`;
}

export type Bars = { live: number[]; test: number[]; most: number };

/** Requests by the day; live and test share one height, so that they compare. */
export function barsOfDays(days: DashboardDay[]): Bars {
	const live = days.map((day) => day.live.requests);
	const test = days.map((day) => day.test.requests);
	return { live, test, most: Math.max(1, ...live, ...test) };
}

/** Days on which something was called, the latest first. */
export const daysInUse = (days: DashboardDay[]): DashboardDay[] =>
	days.filter(({ live, test }) => live.requests + test.requests > 0).reverse();
