import { describe, expect, it } from 'vitest';
import { AMOUNT_ACTS } from './acts';
import { signedAmount, wrongSigned } from './amount';

describe('an operator’s amount', () => {
	it('may be below zero only where it corrects', () => {
		expect(signedAmount('-20', AMOUNT_ACTS.adjust)).toBe(-20_000_000);
		expect(signedAmount('−1.5', AMOUNT_ACTS.adjust)).toBe(-1_500_000);
		expect(signedAmount('+20', AMOUNT_ACTS.adjust)).toBe(20_000_000);
		expect(wrongSigned('-20', AMOUNT_ACTS.adjust)).toBeUndefined();
		expect(wrongSigned('-20', AMOUNT_ACTS.grant)).toBeDefined();
	});

	it('may be nothing only where that takes something back', () => {
		expect(wrongSigned('0', AMOUNT_ACTS.line)).toBeUndefined();
		expect(wrongSigned('0', AMOUNT_ACTS.grant)).toBeDefined();
		expect(wrongSigned('', AMOUNT_ACTS.adjust)).toBeDefined();
	});
});
