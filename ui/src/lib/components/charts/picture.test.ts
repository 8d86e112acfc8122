import { describe, expect, it } from 'vitest';
import type { Chart } from '$lib/backend';
import { standalone } from './picture';

const chart: Chart = {
	svg: '<svg width="228" height="132"><path d="M0 0"/></svg>',
	frame: { left: 44, top: 8, right: 84, bottom: 24, width: 100, height: 100 },
	series: [],
	starts: [],
	refused: [],
	labels: [],
	summary: 'Live 9 & test 1.'
};
const ink = { paper: '#fdfdfe', text: '#191f23', quiet: '#61696e', font: 'system-ui, "Segoe UI"' };

describe('a chart outside the app', () => {
	it('carries title, range, zone and source, and is well-formed', () => {
		const caption = {
			title: 'Requests, A & B',
			range: 'Last hour, times in UTC',
			source: 'Latchkey'
		};
		const label = { x: 70, anchor: 'start' as const, text: 'A & B revoked' };
		const marks = [{ index: 0, x: 64, text: label.text, label }];
		const page = new DOMParser().parseFromString(
			standalone(chart, marks, caption, ink),
			'image/svg+xml'
		);
		expect(page.querySelector('parsererror')).toBeNull();
		const said = [...page.querySelectorAll('text')].map((text) => text.textContent);
		expect(said).toEqual([
			'Requests, A & B',
			'Last hour, times in UTC',
			'A & B revoked',
			'Latchkey'
		]);
		expect(page.querySelector('path')).not.toBeNull();
	});
});
