import { amount } from '$lib/format/amount';
import { count } from '$lib/format/number';

const PER_CREDIT = 1_000_000;
const MOST = 1_000_000_000;

/** An amount as it is typed, in millionths; `NaN` where it is none. */
export function typedAmount(text: string): number {
	const plain = text.trim().replaceAll(/[\s,]/g, '');
	return /^\d+(\.\d{1,6})?$/.test(plain) ? Math.round(Number(plain) * PER_CREDIT) : NaN;
}

/** An amount as it is written into a field, without grouping. */
export const writtenAmount = (millionths: number, decimals: number) =>
	amount(millionths, decimals).replaceAll(',', '');

/** What is wrong with an amount that must be more than nothing, or may be nothing. */
export function wrongAmount(text: string, least: 'some' | 'none' = 'some'): string | undefined {
	const millionths = typedAmount(text);
	const enough = least === 'none' ? millionths >= 0 : millionths > 0;
	if (enough && millionths <= MOST * PER_CREDIT) return undefined;
	const from = least === 'none' ? 'from 0' : 'above 0';
	return `Enter an amount ${from}, at most ${count(MOST)}, with a point before decimals.`;
}
