import { describe, expect, it } from 'vitest';
import type {
	Attempt,
	Delivery,
	EndpointHealth,
	Key,
	Platform,
	WebhookEndpoint
} from '$lib/backend';
import { addressOf, keysWithRoom, platformsUnheard, platformsWithRoom, titleOf } from './address';
import { counted } from './deliveries';
import {
	answerNote,
	answerWord,
	commonAnswer,
	hasFailed,
	laidOut,
	nextTry,
	requestText,
	timelineOf
} from './delivery';
import { barsOf, spokenBars, standingOf, successOf, troubleLine } from './health';
import { troubleOf } from './trouble';
import { asSentence, shortClock, shortId } from './words';

const now = new Date(2026, 10, 22, 12, 4).getTime();
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const well: EndpointHealth = {
	delivered: 9,
	failed: 0,
	waiting: 0,
	p95_ms: 88,
	failing_since: null,
	hourly: [{ succeeded: 9, failed: 0 }]
};
const ill: EndpointHealth = {
	...well,
	waiting: 14,
	failing_since: ago(172),
	hourly: [
		{ succeeded: 9, failed: 0 },
		{ succeeded: 0, failed: 3 }
	]
};
const endpoint = (change: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
	id: 'whe_1',
	platform: 'cards',
	target: 'account',
	key_id: null,
	url: 'https://hooks.example/cards',
	events: ['image.completed'],
	enabled: true,
	disabled_reason: null,
	disabled_at: null,
	secret_last4: 'a1b2',
	previous_secret_until: null,
	created_at: ago(9000),
	health: well,
	version: 1,
	...change
});
const delivery = (change: Partial<Delivery> = {}): Delivery => ({
	id: 'dlv_1',
	endpoint_id: 'whe_1',
	platform: 'cards',
	environment: 'live',
	event_id: 'evt_1',
	event_type: 'image.completed',
	url: 'https://hooks.example/cards',
	state: 'waiting',
	created_at: ago(40),
	attempts: 2,
	last_attempt_at: ago(35),
	next_attempt_at: ago(-25),
	last_status: 503,
	last_error: null,
	last_duration_ms: 211,
	...change
});
const attempt = (number: number, at: string, change: Partial<Attempt> = {}): Attempt => ({
	number,
	at,
	duration_ms: 200,
	status: 503,
	error: null,
	request_headers: [{ name: 'content-type', value: 'application/json' }],
	response_headers: [],
	response_body: '{"a":1}',
	...change
});

describe('addresses', () => {
	it('keeps the path apart, which is never cut first', () => {
		expect(addressOf('https://ops.example:8443/a/b?c=1')).toEqual({
			host: 'ops.example:8443',
			path: '/a/b?c=1'
		});
		expect(addressOf('http://127.0.0.1:8787/')).toEqual({ host: '127.0.0.1:8787', path: '' });
		expect(titleOf(endpoint({ url: null }))).toBe('Per request');
	});

	it('offers only platforms with room for one more', () => {
		const platform = (slug: string, target: 'account' | 'key' | 'request', max: number) =>
			({ slug, webhooks: { target, max_endpoints: max, events: [] } }) as unknown as Platform;
		const all = [platform('cards', 'account', 2), platform('reels', 'request', 0)];
		const slugs = (of: Platform[]) => of.map(({ slug }) => slug);
		expect(slugs(platformsWithRoom(all, [endpoint()]))).toEqual(['cards']);
		expect(slugs(platformsWithRoom(all, [endpoint(), endpoint()]))).toEqual([]);
		expect(slugs(platformsUnheard(all, [endpoint()]))).toEqual([]);
		expect(slugs(platformsUnheard(all, []))).toEqual(['cards']);
	});

	it('offers the keys that have none of their own yet', () => {
		const rooms = {
			slug: 'rooms',
			webhooks: { target: 'key', max_endpoints: 1, events: [] }
		} as unknown as Platform;
		const key = (id: string, name: string, change: Partial<Key> = {}) =>
			({ id, name, platform: 'rooms', status: 'active', ...change }) as Key;
		const keys = [
			key('key_1', 'Portal'),
			key('key_2', 'Desk'),
			key('key_3', 'Archive', { status: 'paused' }),
			key('key_4', 'Old', { status: 'retiring' }),
			key('key_5', 'Elsewhere', { platform: 'cards' })
		];
		const free = keysWithRoom(rooms, keys, [{ key_id: 'key_2' }]);
		expect(free.map(({ name }) => name)).toEqual(['Archive', 'Portal']);
		expect(platformsWithRoom([rooms], [endpoint({ platform: 'rooms' })])).toEqual([rooms]);
	});
});

describe('health', () => {
	it('names the worst that is the case', () => {
		expect(standingOf(endpoint())).toBe('healthy');
		expect(standingOf(endpoint({ health: ill }))).toBe('failing');
		expect(standingOf(endpoint({ health: { ...well, waiting: 1 } }))).toBe('waiting');
		expect(standingOf(endpoint({ health: ill, enabled: false }))).toBe('off');
		expect(standingOf(endpoint({ health: { ...well, hourly: [] } }))).toBe('quiet');
	});

	it('says since when and how many wait', () => {
		expect(troubleLine(endpoint({ health: ill }), now)).toBe('Failing since 09:12, 14 waiting');
		expect(troubleLine(endpoint({ enabled: false }), now)).toContain('Off');
		expect(troubleLine(endpoint(), now)).toBeNull();
	});

	it('counts attempts of 24 hours', () => {
		expect(successOf(ill)).toBe('75.0 %');
		expect(successOf({ ...well, hourly: [] })).toBe('–');
		expect(spokenBars(ill)).toBe('12 attempts in the last 24 hours, 75.0 % succeeded, 3 failed');
	});

	it('draws 24 bars even of fewer hours, and never hides a failure', () => {
		const bars = barsOf([
			{ succeeded: 1000, failed: 1 },
			{ succeeded: 0, failed: 0 }
		]);
		expect(bars).toHaveLength(24);
		expect(bars[22]).toEqual({ x: 132, height: 15, failedHeight: 3 });
		expect(bars[23]).toEqual({ x: 138, height: 0, failedHeight: 0 });
	});
});

describe('deliveries', () => {
	it('say what came back in a word', () => {
		expect(answerWord({ status: 503, error: null })).toBe('503');
		expect(answerWord({ status: null, error: 'timed out after 10000 ms' })).toBe('Time-out');
		expect(answerWord({ status: null, error: 'connection refused' })).toBe('No answer');
		expect(answerWord({ status: null, error: null })).toBe('–');
		expect([200, 204, 302, 500].map((status) => hasFailed({ status, error: null }))).toEqual([
			false,
			false,
			true,
			true
		]);
	});

	it('know the pauses between attempts, and the next one', () => {
		const detail = {
			delivery: delivery(),
			body: '{}',
			attempts: [attempt(1, ago(40)), attempt(2, ago(35))]
		};
		const { steps, next } = timelineOf(detail);
		expect(steps.map(({ after }) => after)).toEqual(['at once', 'after 5 min']);
		expect(next?.after).toBe('after 60 min');
		const done = { ...detail, delivery: delivery({ state: 'delivered' }) };
		expect(timelineOf(done).next).toBeNull();
	});

	it('show bodies laid out, in characters as sent', () => {
		expect(laidOut('{"a":1}')).toBe('{\n  "a": 1\n}');
		expect(laidOut('not json')).toBe('not json');
		expect(requestText(attempt(1, ago(1)), '[]')).toBe('content-type: application/json\n\n[]');
		expect(answerNote(attempt(1, ago(1), { response_body: 'ä' }))).toBe('503, 2 bytes');
		expect(answerNote(attempt(1, ago(1), { response_body: null }))).toBe('503, no body');
	});

	it('agree on the commonest answer and the soonest try', () => {
		const waiting = [
			delivery(),
			delivery({ next_attempt_at: ago(-5) }),
			delivery({ last_status: null, last_error: 'timed out' })
		];
		expect(commonAnswer(waiting)).toBe('has answered 503');
		expect(nextTry(waiting)).toBe(ago(-5));
		expect(commonAnswer([])).toBeNull();
	});

	it('are counted as far as one page goes', () => {
		expect(counted(undefined)).toBe('');
		expect(counted({ data: [1, 2], next_cursor: null })).toBe('2');
		expect(counted({ data: [1, 2], next_cursor: 'x' })).toBe('2+');
	});
});

describe('the banner', () => {
	it('says what happened and what is next', () => {
		const words = troubleOf(endpoint({ health: ill }), [delivery(), delivery()], false, now);
		expect(words?.title).toBe('2 deliveries are waiting.');
		expect(words?.next).toBe(
			'This endpoint has answered 503 since 09:12. The next attempt is at 12:29.'
		);
	});

	it('is there for an endpoint that is off, and not for a healthy one', () => {
		const off = (change: Partial<WebhookEndpoint>) =>
			troubleOf(endpoint({ enabled: false, ...change }), [], false, now);
		expect(off({})?.title).toBe('This endpoint is off.');
		const gone = off({ disabled_reason: 'gone', disabled_at: ago(172) });
		expect(gone?.title).toBe('This endpoint is off since 09:12.');
		expect(gone?.next).toContain('410');
		expect(off({ disabled_reason: 'exhausted' })?.next).toContain('Put the address right first');
		expect(troubleOf(endpoint(), [], false, now)).toBeNull();
	});
});

describe('words', () => {
	it('are short where the place is', () => {
		expect(shortId('dlv_01KAPXA2QQQQQQQQQQQQQQ7QX2')).toBe('dlv_01KAP…7QX2');
		expect(shortClock(ago(60 * 24), now)).toBe('21 Nov 2026, 12:04');
		expect(asSentence('connection refused')).toBe('Connection refused.');
	});
});
