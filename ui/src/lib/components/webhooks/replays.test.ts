import { describe, expect, it } from 'vitest';
import { backend, type Replay } from '$lib/backend';
import { RangeReplay } from './range.svelte';
import { progressOf, runningOn, timeText, typedTime } from './replays';

const now = new Date(2026, 10, 22, 12, 4).getTime();
const replay = (change: Partial<Replay>): Replay => ({
	id: 'rpl_1',
	endpoint_id: 'whe_1',
	platform: null,
	environment: null,
	delivery_state: 'failed',
	from: new Date(now).toISOString(),
	to: new Date(now).toISOString(),
	total: 412,
	done: 120,
	per_second: 10,
	state: 'running',
	created_at: new Date(now).toISOString(),
	finished_at: null,
	...change
});

describe('a range of deliveries', () => {
	it('ends where the dialog was opened, and reaches back as far as is chosen', () => {
		const range = new RangeReplay('whe_1', 'live', now);
		expect(range.wish).toEqual({
			endpoint_id: 'whe_1',
			environment: 'live',
			state: 'failed',
			from: new Date(now - 86_400_000).toISOString(),
			to: new Date(now).toISOString()
		});
		range.which = 'all';
		expect(range.wish?.state).toBeNull();
	});

	it('may lie between two times, in their order', () => {
		const range = new RangeReplay('whe_1', null, now);
		range.span = 'between';
		expect([range.from, range.to]).toEqual(['2026-11-21 12:04', '2026-11-22 12:04']);
		range.from = 'yesterday';
		expect([range.wish, range.fromError]).toEqual([
			null,
			'Enter a day and a time, such as 2026-11-22 12:04.'
		]);
		range.from = '2026-11-23 00:00';
		expect(range.toError).toBe('Enter a time after the first one.');
	});

	it('is sent at a rate that the server takes', async () => {
		const range = new RangeReplay('whe_1', null, now);
		range.rate = '2000';
		expect(range.rateError).toBe('Enter a whole number from 1 to 1,000.');
		await range.start();
		expect(range.started).toBeNull();
		range.rate = '50';
		await range.start();
		expect(range.started?.per_second).toBe(50);
		expect((await backend.listReplays())[0]?.id).toBe(range.started?.id);
	});
});

describe('a replay', () => {
	it('says how far it is', () => {
		expect(progressOf(replay({}))).toBe('120 of 412 sent, about 30 s to go');
		expect(progressOf(replay({ state: 'done', done: 412 }))).toBe('412 deliveries sent again');
		expect(progressOf(replay({ state: 'done' }))).toContain('settled meanwhile');
		expect(progressOf(replay({ state: 'cancelled' }))).toBe('Stopped: 120 of 412 sent');
	});

	it('is found by its endpoint while it is under way', () => {
		const all = [replay({ state: 'done' }), replay({ id: 'rpl_2' })];
		expect(runningOn(all, 'whe_1')?.id).toBe('rpl_2');
		expect(runningOn(all, 'whe_2')).toBeUndefined();
	});
});

describe('times', () => {
	it('are read as they are written', () => {
		expect(typedTime(timeText(now))?.getTime()).toBe(now);
		expect(typedTime('2026-11-22')).toBeNull();
	});
});
