import { typedAmount, wrongAmount } from '$lib/components/credits/amounts';
import type { AMOUNT_ACTS } from './acts';

type Words = (typeof AMOUNT_ACTS)[keyof typeof AMOUNT_ACTS];

const MINUS = /^\s*[-−]/;

/** What is typed, in millionths, with its sign where it may have one. */
export function signedAmount(text: string, { signed }: Pick<Words, 'signed'>): number {
	if (!signed || !MINUS.test(text)) return typedAmount(text.replace(/^\s*\+/, ''));
	return -typedAmount(text.replace(MINUS, ''));
}

/** What is wrong with it. */
export function wrongSigned(text: string, words: Pick<Words, 'signed' | 'zero'>) {
	const plain = words.signed ? text.replace(/^\s*[-−+]/, '') : text;
	return wrongAmount(plain, words.zero ? 'none' : 'some');
}
