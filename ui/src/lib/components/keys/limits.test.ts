import { describe, expect, it } from 'vitest';
import { toAmount, toNumber, wrongAtOnce, wrongCredits, wrongRequests } from './limits';

const taken = (wrong: (text: string) => string | undefined, texts: string[]) =>
	texts.filter((text) => wrong(text) === undefined);

describe('limits', () => {
	it('are read with or without grouping', () => {
		expect(toNumber('1,200')).toBe(1200);
		expect(toNumber(' ')).toBeNaN();
		expect(toAmount('1 000.12')).toBe(1_000_120_000);
	});

	it('are whole numbers of requests and operations', () => {
		expect(taken(wrongRequests, ['0', '1', '1.5', '100,000', '100001', 'x', ''])).toEqual([
			'1',
			'100,000'
		]);
		expect(taken(wrongAtOnce, ['5', '10000', '10001', '-1'])).toEqual(['5', '10000']);
	});

	it('are exact amounts of credits', () => {
		expect(
			taken(wrongCredits, ['25', '0.12', '.5', '0', '0.1234567', '1e3', '1000000001', '-4', '5.'])
		).toEqual(['25', '0.12', '.5']);
	});
});
