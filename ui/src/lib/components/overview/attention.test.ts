import { describe, expect, it } from 'vitest';
import type { Key, Platform, Usage, WebhookEndpoint } from '$lib/backend';
import { lasts, needsAttention, type Facts } from './attention';

const now = Date.parse('2026-11-22T12:00:00Z');
const platform = (balance: number) =>
	({
		slug: 'cards',
		name: 'Matchday Cards',
		unit: { name: 'credits', decimals: 0 },
		operations: [{ name: 'create', title: 'Create', price: 1_000_000 }],
		account: { balance: balance * 1e6, held: 0, live_enabled: true, suspended_at: null }
	}) as Platform;
const week = (credits: number) =>
	({
		series: [{ environment: 'live', group: 'cards', credits: [credits * 1e6] }]
	}) as unknown as Usage;
const facts = (change: Partial<Facts>): Facts => ({
	now,
	me: null,
	platforms: [],
	keys: [],
	endpoints: [],
	week: undefined,
	...change
});

describe('what needs attention', () => {
	it('is nothing when all is well', () => {
		expect(needsAttention(facts({ platforms: [platform(100)], week: week(7) }))).toEqual([]);
	});

	it('knows how long credits last', () => {
		expect(lasts(platform(60), week(70))).toBe(6);
		expect(lasts(platform(60), undefined)).toBeNull();
		const [low] = needsAttention(facts({ platforms: [platform(60)], week: week(70) }));
		expect(low?.title).toBe('Matchday Cards credits last about 6 days');
	});

	it('puts what fails before what will', () => {
		const endpoint = {
			id: 'whe_1',
			platform: 'cards',
			enabled: true,
			health: { failing_since: '2026-11-22T09:12:00Z', waiting: 14 }
		} as WebhookEndpoint;
		const key = {
			id: 'key_1',
			name: 'Photo desk',
			platform: 'cards',
			status: 'active',
			expires_at: '2026-11-25T12:00:00Z'
		} as Key;
		const all = needsAttention(
			facts({ platforms: [platform(60)], week: week(70), endpoints: [endpoint], keys: [key] })
		);
		expect(all.map(({ kind }) => kind)).toEqual(['danger', 'warn', 'ends']);
		expect(all[0]?.text).toBe('14 deliveries are waiting.');
		expect(all[2]?.title).toBe('Photo desk on Matchday Cards ends in 3 days,');
	});

	it('says in one line that many keys end', () => {
		const keys = [27, 25, 26, 28].map(
			(day) =>
				({ id: `key_${day}`, status: 'active', expires_at: `2026-11-${day}T12:00:00Z` }) as Key
		);
		const [many, ...rest] = needsAttention(facts({ keys }));
		expect(rest).toEqual([]);
		expect(many?.title).toBe('4 keys end within 7 days,');
		expect(many?.text).toBe('the first on 25 Nov 2026.');
	});

	it('says when credits are out', () => {
		const [out] = needsAttention(facts({ platforms: [platform(0)] }));
		expect(out?.title).toBe('Matchday Cards is out of credits.');
	});
});
