import type { CreditSummary } from '$lib/backend';

/** One term of the sum that explains a balance, with the sign it is written with. */
export type Term = { sign: '' | '+' | '−' | '='; label: string; value: number; name: string };

/** `opening + granted + purchased ± adjusted − captured − held = now`, top to bottom. */
export function termsOf(summary: CreditSummary, opening: string): Term[] {
	const { adjusted } = summary;
	return [
		...(summary.from ? [term('', opening, summary.opening, 'opening')] : []),
		term(summary.from ? '+' : '', 'Granted', summary.granted, 'granted'),
		term('+', 'Purchased', summary.purchased, 'purchased'),
		...(adjusted === 0
			? []
			: [term(adjusted < 0 ? '−' : '+', 'Adjusted', Math.abs(adjusted), 'adjusted')]),
		term('−', 'Spent', summary.captured, 'captured'),
		term('−', 'Held for calls under way', summary.held, 'held'),
		term('=', 'Balance now', summary.balance, 'balance')
	];
}

const term = (sign: Term['sign'], label: string, value: number, name: string): Term => ({
	sign,
	label,
	value,
	name
});

/** What the terms come to; the balance, unless the server contradicts itself. */
export const sumOf = (summary: CreditSummary): number =>
	summary.opening +
	summary.granted +
	summary.purchased +
	summary.adjusted -
	summary.captured -
	summary.held;

/** Whether sum, balance and the ledger counted anew all say the same. */
export const isSound = (summary: CreditSummary): boolean =>
	summary.agrees && sumOf(summary) === summary.balance;
