import { describe, expect, it } from 'vitest';
import { columnsOf, plotHeight, smallPlot } from './heights';

describe('the heights of plots', () => {
	it('follow the window where one platform is shown', () => {
		expect([plotHeight(1280, 800), plotHeight(900, 600)]).toEqual([200, 152]);
		expect(plotHeight(2560, 1440)).toBe(480);
	});

	it('end together where small plots stand beside', () => {
		for (const platforms of [2, 3, 5, 8]) {
			const height = plotHeight(1280, 800, platforms);
			const rows = Math.ceil(platforms / columnsOf(platforms));
			const small = rows * (smallPlot(platforms, height) + 22) + (rows - 1) * 8;
			expect(small).toBeLessThanOrEqual(height + 32);
			expect(small).toBeGreaterThan(height + 32 - rows);
		}
	});

	it('leave the large plot as it is where the small ones stand below', () => {
		expect(plotHeight(1100, 800, 5)).toBe(200);
	});
});
