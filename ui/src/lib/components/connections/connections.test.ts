import { QueryClient } from '@tanstack/svelte-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { describe, expect, it } from 'vitest';
import {
	backend,
	type DashboardConnection,
	type DashboardDay,
	type DashboardWebhook
} from '$lib/backend';
import Provided from '$lib/test/Provided.svelte';
import { DashboardActs } from './dashboard/acts.svelte';
import DashboardDrawer from './dashboard/DashboardDrawer.svelte';
import { DashboardForm } from './dashboard/form.svelte';
import { TopUpForm } from './dashboard/top-up.svelte';
import { WebhookDraft } from './dashboard/webhook.svelte';
import { barsOfDays, countWords, daysInUse, grouped, tokenStanding, topUpWords } from './words';

const now = Date.parse('2026-11-27T12:00:00Z');
const check = (outcome: 'works' | 'refused' | 'unreachable' | 'unclear') => ({
	at: '2026-11-27T11:58:00Z',
	outcome,
	message: ''
});
const unit = { name: 'credits', decimals: 0 };
const day = (date: string, live: number, test: number): DashboardDay => ({
	date,
	live: { requests: live, credits: live * 1_000_000 },
	test: { requests: test, credits: 0 }
});

describe('a number that a platform says', () => {
	it('has its thousands set apart and nothing else changed', () => {
		const told = ['8214', '1234567.12345', '999', '-1000', '2026-11-27', 'pro', '0012 a'];
		expect(told.map(grouped)).toEqual([
			'8,214',
			'1,234,567.12345',
			'999',
			'-1,000',
			'2026-11-27',
			'pro',
			'0012 a'
		]);
	});
});

describe('a dashboard’s token', () => {
	const standing = (last_check: DashboardConnection['last_check'], minutes: number | null) =>
		tokenStanding(
			{
				last_check,
				token_ends_at: minutes === null ? null : new Date(now + minutes * 60_000).toISOString()
			},
			now
		);

	it('says when it ends, and what the platform says counts more', () => {
		expect(standing(check('works'), 42)).toEqual({
			tone: 'ok',
			word: 'Works, token ends in 42 min'
		});
		expect(standing(check('works'), null)).toEqual({ tone: 'ok', word: 'Works' });
		expect(standing(check('works'), 5)).toEqual({ tone: 'warn', word: 'Token ends in 5 min' });
		expect(standing(check('works'), -1)).toEqual({ tone: 'danger', word: 'Token ended' });
		expect(standing(check('refused'), 42)).toEqual({ tone: 'danger', word: 'Token refused' });
		expect(standing(check('unreachable'), 42)).toEqual({ tone: 'warn', word: 'Not reached' });
		expect(standing(null, null)).toEqual({ tone: 'warn', word: 'Not tried yet' });
	});
});

describe('words and numbers', () => {
	it('counts what there is', () => {
		expect(countWords(2, 1)).toBe('1 dashboard, 2 keys');
		expect(countWords(0, 2)).toBe('2 dashboards');
		expect(countWords(0, 0)).toBe('');
	});

	it('says the rule', () => {
		const rule = { enabled: true, amount: 50_000_000, threshold: 1_000_000 };
		expect(topUpWords(rule, unit)).toBe('Buys 50 credits when the balance falls below 1 credit.');
		expect(topUpWords({ ...rule, enabled: false }, unit)).toMatch(/^Off/);
	});

	it('draws live and test to one height, and lists days in use, the latest first', () => {
		const days = [day('2026-11-01', 3, 9), day('2026-11-02', 0, 0), day('2026-11-03', 1, 0)];
		expect(barsOfDays(days)).toEqual({ live: [3, 0, 1], test: [9, 0, 0], most: 9 });
		expect(daysInUse(days).map(({ date }) => date)).toEqual(['2026-11-03', '2026-11-01']);
		expect(barsOfDays([]).most).toBe(1);
	});
});

describe('connecting a dashboard', () => {
	it('asks for token and name, tells what the app refuses, and forgets the token', async () => {
		const platforms = await backend.listDashboardPlatforms();
		const form = new DashboardForm(platforms);
		expect(await form.submit()).toBeNull();
		expect([form.tokenError, form.nameError]).toEqual([
			'Paste the ID token.',
			'Give it a name, such as your company’s.'
		]);
		form.name = 'Fieldhouse';
		form.token = 'two words';
		expect(await form.submit()).toBeNull();
		expect(form.tokenError).toMatch(/^Paste the ID token: one long word/);
		form.token = 'header.claims.signature';
		const made = await form.submit();
		expect(made?.name).toBe('Fieldhouse');
		expect(made?.last_check?.outcome).toBe('works');
		expect(form.token).toBe('');
		expect(JSON.stringify(await backend.listDashboards())).not.toContain('claims.signature');
	});
});

describe('a webhook as it is typed', () => {
	it('is on at first, follows what is set, and keeps what was refused', async () => {
		const none = { url: null, enabled: false, secret_last4: null, secret_held: false };
		let set: DashboardWebhook = none;
		const draft = new WebhookDraft(() => set);
		expect([draft.url, draft.enabled, draft.changed]).toEqual(['', true, false]);
		expect(await draft.submit(() => Promise.reject(new Error('unasked')))).toBe(false);
		expect(draft.urlError).toMatch(/^Enter the address/);
		draft.url = 'https://example.com/hook';
		expect([draft.urlError, draft.changed]).toEqual([undefined, true]);
		expect(await draft.submit(() => Promise.reject(new Error('no')))).toBe(false);
		expect([draft.problem?.message, draft.url]).toEqual(['no', 'https://example.com/hook']);
		const saved = { ...none, url: 'https://example.com/hook', enabled: true };
		expect(await draft.submit(async () => (set = saved))).toBe(true);
		expect([draft.changed, draft.enabled, draft.problem]).toEqual([false, true, null]);
	});
});

describe('the rule of topping up', () => {
	it('is checked while it is on, and sent in millionths', async () => {
		const form = new TopUpForm({ enabled: false, amount: 0, threshold: 0 }, 0);
		const sent: unknown[] = [];
		const send = async (rule: unknown) => sent.push(rule);
		form.enabled = true;
		form.amount = '0';
		expect(await form.submit(send)).toBe(false);
		expect([form.amountError, form.thresholdError].every(Boolean)).toBe(true);
		form.amount = '50';
		form.threshold = '2.5';
		expect(await form.submit(send)).toBe(true);
		expect(sent).toEqual([{ enabled: true, amount: 50_000_000, threshold: 2_500_000 }]);
	});
});

describe('the drawer of a dashboard', () => {
	const show = (connection: DashboardConnection) =>
		render(Provided, {
			props: {
				of: DashboardDrawer as unknown as Component<Record<string, unknown>>,
				props: { connection, close: () => undefined }
			}
		});

	it('has keys with their webhooks, usage and the rule', async () => {
		const [connection] = await backend.listDashboards();
		show(connection!);
		await fireEvent.click(await screen.findByRole('button', { name: /^Website/ }));
		const address = await screen.findByLabelText<HTMLInputElement>('Address');
		expect(address.value).toBe('https://hooks.fieldhouse.example/rooms');
		expect(screen.queryByText('Old website')).toBeNull();
		await fireEvent.click(screen.getByLabelText('With revoked'));
		expect(screen.getByText('Old website')).not.toBeNull();
		await screen.findByText('Buys 100 credits when the balance falls below 20 credits.');
		await fireEvent.click(await screen.findByRole('button', { name: 'Table' }));
		expect(screen.getByRole('columnheader', { name: 'Live' })).not.toBeNull();
	});

	it('asks once for a new token where the platform takes the old one no more', async () => {
		const [platform] = await backend.listDashboardPlatforms();
		const request = { platform: platform!.platform, name: 'Old', base_url: null, token: 'ended' };
		show(await backend.addDashboard(request));
		expect(screen.getAllByRole('alert')).toHaveLength(1);
		expect(screen.getByText('A new ID token is needed.')).not.toBeNull();
		await waitFor(() =>
			expect(screen.getAllByText('Shown once there is a new token.')).toHaveLength(3)
		);
		const create = screen.getByRole('button', { name: 'Create key' });
		expect(create.getAttribute('aria-disabled')).toBe('true');
	});
});

describe('what is done through a dashboard', () => {
	it('keeps a new key as a connection, and takes it away when it is revoked', async () => {
		const [connection] = await backend.listDashboards();
		const acts = new DashboardActs(new QueryClient(), connection!.id);
		const made = await acts.create({ name: 'Batch', environment: 'test' });
		const find = async () =>
			(await backend.listDashboardKeys(connection!.id)).find(({ name }) => name === 'Batch');
		const key = await find();
		expect(key?.held_by).toBe(made.id);
		expect(await acts.test(key!.id)).toBe(false);
		expect(acts.problem?.title).toBe('The test was not sent.');
		await acts.revoke(key!);
		expect((await find())?.revoked_at).not.toBeNull();
	});
});
