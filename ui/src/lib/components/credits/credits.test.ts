import { QueryClient } from '@tanstack/svelte-query';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Account, CreditSummary, Platform, TopUpRule } from '$lib/backend';
import { backend, BackendError } from '$lib/backend';
import { AccountActs } from './acts.svelte';
import { typedAmount, writtenAmount, wrongAmount } from './amounts';
import { isSound, sumOf, termsOf } from './equation';
import { EntriesForm, entriesOf } from './entries.svelte';
import { RuleForm } from './rule.svelte';
import { sinceWhen } from '$lib/state/since';
import { entryWords, moved, ruleWords } from './words';

const CREDIT = 1_000_000;
const CREDITS = { name: 'credits', decimals: 0 };
const USD = { name: 'USD', decimals: 2 };
const summary: CreditSummary = {
	platform: 'cards',
	from: '2026-10-28T00:00:00Z',
	opening: 1000 * CREDIT,
	granted: 100 * CREDIT,
	purchased: 200 * CREDIT,
	adjusted: -20 * CREDIT,
	captured: 800 * CREDIT,
	held: 12 * CREDIT,
	balance: 468 * CREDIT,
	recomputed: 468 * CREDIT,
	agrees: true
};

describe('the explained balance', () => {
	it('is a sum that comes to the balance', () => {
		expect(sumOf(summary)).toBe(summary.balance);
		expect(
			termsOf(summary, 'Opening').map(({ sign, value }) => `${sign}${value / CREDIT}`)
		).toEqual(['1000', '+100', '+200', '−20', '−800', '−12', '=468']);
	});

	it('begins with what was granted where it counts from the beginning', () => {
		const [first] = termsOf({ ...summary, from: null, opening: 0 }, '');
		expect(first).toMatchObject({ sign: '', label: 'Granted' });
	});

	it('is sound only if sum, balance and ledger say the same', () => {
		expect(isSound(summary)).toBe(true);
		expect(isSound({ ...summary, agrees: false })).toBe(false);
		expect(isSound({ ...summary, captured: 799 * CREDIT })).toBe(false);
	});
});

describe('amounts', () => {
	it('are read with and without grouping, and never as less than they say', () => {
		expect(typedAmount('1,250.5')).toBe(1_250_500_000);
		expect(typedAmount('0')).toBe(0);
		expect(typedAmount('1.2345678')).toBeNaN();
		expect(typedAmount('-3')).toBeNaN();
		expect(writtenAmount(1_250_500_000, 2)).toBe('1250.50');
	});

	it('must be more than nothing, unless they may be nothing', () => {
		expect(wrongAmount('0')).toContain('above 0');
		expect(wrongAmount('0', 'none')).toBeUndefined();
		expect(wrongAmount('1000000001')).toBeDefined();
	});
});

describe('movements', () => {
	const entry = { kind: 'hold', amount: -4 * CREDIT, settled: 0 } as never;
	it('say what they did to the balance', () => {
		expect(moved(entry, CREDITS)).toBe('−4');
		expect(moved({ kind: 'capture', amount: 0, settled: 4 * CREDIT } as never, USD)).toBe(
			'4.00 USD held'
		);
		expect(moved({ kind: 'grant', amount: 100 * CREDIT } as never, CREDITS)).toBe('+100');
	});
});

const rule: TopUpRule = {
	enabled: true,
	threshold: 100 * CREDIT,
	amount: 500 * CREDIT,
	monthly_ceiling: 2000 * CREDIT,
	cooldown_seconds: 3600
};

describe('the rule', () => {
	it('is a sentence', () => {
		expect(ruleWords(rule, { name: 'credits', decimals: 0 })).toBe(
			'Buys 500 credits when a call leaves less than 100 credits; at most 2,000 credits a month, at least 60 min apart.'
		);
		expect(ruleWords({ ...rule, enabled: false }, { name: 'credits', decimals: 0 })).toContain(
			'Off'
		);
	});

	it('is sent as it was typed', async () => {
		const form = new RuleForm(rule, 0);
		form.typed.amount = '250';
		form.typed.cooldown_seconds = '0.5';
		let sent: unknown;
		const send = async (change: unknown) => {
			sent = change;
			return {} as Account;
		};
		expect(await form.submit(send)).toBe(true);
		expect(sent).toMatchObject({
			top_up: { ...rule, amount: 250 * CREDIT, cooldown_seconds: 1800 }
		});
	});

	it('is not sent while something is wrong, and says what', async () => {
		const form = new RuleForm(rule, 0);
		form.typed.monthly_ceiling = '100';
		let asked = 0;
		const send = async () => (asked++, {} as Account);
		expect(await form.submit(send)).toBe(false);
		expect([asked, form.errors.monthly_ceiling]).toEqual([
			0,
			'Enter at least the amount that is bought at a time.'
		]);
	});

	it('that somebody else changed is not overwritten', async () => {
		const form = new RuleForm(rule, 0);
		const send = async () => {
			throw new BackendError({
				code: 'stale_version',
				message: 'Changed.',
				fields: [],
				request_id: null
			});
		};
		expect(await form.submit(send)).toBe(false);
		expect(form.problem?.code).toBe('stale_version');
		expect(form.typed.amount).toBe('500');
	});
});

describe('an account', () => {
	const account = (version: number) => ({ version }) as Account;
	const begun = { slug: 'cards', account: account(3) } as Platform;
	const stale = new BackendError({
		code: 'stale_version',
		message: '',
		fields: [],
		request_id: null
	});
	afterEach(() => void vi.restoreAllMocks());

	it('is changed from what it was when the change was begun, or from what is known since', async () => {
		const versions: number[] = [];
		vi.spyOn(backend, 'updateAccount').mockImplementation((_, version) => {
			versions.push(version);
			return Promise.resolve(account(version + 1));
		});
		const acts = new AccountActs(new QueryClient());
		await acts.send(begun, { low_balance: 0 });
		await acts.send(begun, { low_balance: 5 });
		await acts.send({ ...begun, account: account(8) }, { low_balance: 0 });
		await acts.send({ ...begun, slug: 'reels', account: account(1) }, { low_balance: 0 });
		expect(versions).toEqual([3, 4, 8, 1]);
	});

	it('that somebody else changed is changed only once that was told', async () => {
		const versions: number[] = [];
		vi.spyOn(backend, 'updateAccount').mockImplementation((_, version) => {
			versions.push(version);
			return version === 7 ? Promise.resolve(account(8)) : Promise.reject(stale);
		});
		const client = new QueryClient();
		client.setQueryData(['platforms'], [{ ...begun, account: account(7) }]);
		const acts = new AccountActs(client);
		await expect(acts.send(begun, {})).rejects.toBe(stale);
		await acts.send(begun, {});
		expect(versions).toEqual([3, 7]);
	});
});

describe('addresses that may call', () => {
	const live = { environment: 'live', rule: '203.0.113.7', active: true, note: 'Office' } as const;
	const test = { environment: 'test', rule: '10.0.0.0/8', active: false, note: '' } as const;
	const refused = (pointer: string) =>
		new BackendError({
			code: 'invalid_input',
			message: '',
			fields: [{ pointer, detail: 'is no address' }],
			request_id: null
		});

	it('of one environment are sent with those of the other', () => {
		const form = new EntriesForm('test', [test]);
		form.typed.add(' 2001:db8::/32 ');
		expect(form.take([live, test])).toEqual([
			live,
			test,
			{ environment: 'test', rule: '2001:db8::/32', active: true, note: '' }
		]);
	});

	it('are told what is wrong with each, wherever it stands in what was sent', () => {
		const form = new EntriesForm('test', [test]);
		form.take([live, test]);
		expect(form.errors(refused('/ip_entries/1/rule'))).toEqual({ 0: 'This is no address.' });
		expect(form.errors(refused('/ip_entries/0/rule'))).toEqual({});
	});

	it('know whether somebody else changed them', () => {
		const form = new EntriesForm('live', [live]);
		expect(form.isAsBefore(entriesOf([live, test], 'live'))).toBe(true);
		expect(form.isAsBefore([])).toBe(false);
	});

	it('are said with their note, and whether they are off', () => {
		expect([entryWords(live), entryWords(test)]).toEqual([
			'203.0.113.7 (Office)',
			'10.0.0.0/8 (off)'
		]);
	});
});

describe('since when', () => {
	it('is the beginning or so many days ago', () => {
		const now = Date.parse('2026-11-22T12:00:00Z');
		expect(sinceWhen('start', now)).toBeNull();
		expect(sinceWhen('week', now)).toBe('2026-11-15T12:00:00.000Z');
	});
});
