import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { Component } from 'svelte';
import { backend, type Key } from '$lib/backend';
import Provided from '$lib/test/Provided.svelte';
import Plot from './charts/Plot.svelte';
import Ledger from './credits/Ledger.svelte';
import CreateKeyDialog from './keys/CreateKeyDialog.svelte';
import RevokeDialog from './keys/RevokeDialog.svelte';
import SearchChoice from './shared/SearchChoice.svelte';
import Skeleton from './shared/Skeleton.svelte';
import Switch from './shared/Switch.svelte';
import SecretLine from './webhooks/SecretLine.svelte';

/** Renders with what the window gives its children. */
const provide = <P extends Record<string, unknown>>(of: Component<P>, props: P) =>
	render(Provided, {
		props: { of: of as unknown as Component<Record<string, unknown>>, props }
	});

describe('a chart', () => {
	it('is read by arrows and says every point', async () => {
		const chart = await backend.usageChart(
			{
				from: '2026-11-20T00:00:00Z',
				to: '2026-11-22T00:00:00Z',
				interval: 'day',
				timezone: 'UTC',
				group_by: null,
				environment: null,
				platform: null,
				key_id: null,
				operation: null
			},
			{ width: 600, height: 232, theme: 'light' },
			'requests'
		);
		const marks = [{ index: 0, x: 44, text: 'CI revoked', label: null }];
		render(Plot, { chart, measure: 'requests', marks });
		const plot = screen.getByRole('application');
		await fireEvent.keyDown(plot, { key: 'Home' });
		expect(plot.querySelector('[aria-live]')?.textContent).toMatch(
			/^Friday 20 November.*, live [\d,]+, test [\d,]+, refused [\d,]+, CI revoked$/
		);
		expect(plot.querySelector('.tip')).not.toBeNull();
		await fireEvent.keyDown(plot, { key: 'Escape' });
		expect(plot.querySelector('.tip')).toBeNull();
	});
});

describe('a switch', () => {
	it('returns when the act fails', async () => {
		let fail: () => void = () => undefined;
		const change = () => new Promise((_, reject) => (fail = () => reject(new Error('no'))));
		render(Switch, { label: 'generate', on: true, change: () => change().catch(() => undefined) });
		const button = screen.getByRole('switch', { name: 'generate' });
		await fireEvent.click(button);
		expect(button.getAttribute('aria-checked')).toBe('false');
		fail();
		await waitFor(() => expect(button.getAttribute('aria-checked')).toBe('true'));
	});
});

describe('a long list of choices', () => {
	const options = ['UTC', 'Antarctica/Vostok', 'Asia/Tokyo', 'Europe/Berlin'].map((value) => ({
		value,
		label: value
	}));

	it('is a combobox with its options, the best first', async () => {
		const choose = vi.fn();
		const given = { label: 'Time zone', options, value: 'UTC', choose, hint: 'A city' };
		render(SearchChoice, given);
		await fireEvent.click(screen.getByRole('button', { name: 'Time zone: UTC' }));
		const field = await screen.findByRole('combobox', { name: 'Time zone' });
		expect(field.closest('[role=application]')).toBeNull();
		const list = screen.getByRole('listbox', { name: 'Time zone' });
		expect(field.getAttribute('aria-controls')).toBe(list.id);
		expect(screen.getAllByRole('option').map(({ textContent }) => textContent?.trim())).toEqual([
			'Chosen:UTC',
			'Antarctica/Vostok',
			'Asia/Tokyo',
			'Europe/Berlin'
		]);
		await fireEvent.input(field, { target: { value: 'tok' } });
		expect(screen.getAllByRole('option').map(({ textContent }) => textContent?.trim())).toEqual([
			'Asia/Tokyo',
			'Antarctica/Vostok'
		]);
		await waitFor(() => {
			const best = screen.getByRole('option', { name: 'Asia/Tokyo' });
			expect(best.getAttribute('aria-selected')).toBe('true');
		});
		await fireEvent.keyDown(field, { key: 'Enter' });
		expect(choose).toHaveBeenCalledExactlyOnceWith('Asia/Tokyo');
	});
});

describe('a choice among more than are at hand', () => {
	it('asks its source for what is typed, and says that there are more', async () => {
		const source = { type: vi.fn(), more: true, waiting: false };
		const options = [{ value: 'key_1', label: 'Card renderer', note: 'a1b2' }];
		const given = { label: 'Key', options, value: '', choose: vi.fn(), hint: 'A name', source };
		const { rerender } = render(SearchChoice, { ...given, none: 'Choose a key' });
		await fireEvent.click(screen.getByRole('button', { name: 'Key: Choose a key' }));
		const field = await screen.findByRole('combobox', { name: 'Key' });
		screen.getByText('More: type to narrow the list.');
		await fireEvent.input(field, { target: { value: 'batch' } });
		expect(source.type).toHaveBeenLastCalledWith('batch');
		expect(screen.queryByRole('option')).toBeNull();
		const found = [{ value: 'key_9', label: 'Nightly batch', note: 'c3d4' }];
		await rerender({ options: found, source: { ...source, more: false } });
		await fireEvent.click(await screen.findByRole('option', { name: /Nightly batch/ }));
		expect(given.choose).toHaveBeenCalledExactlyOnceWith('key_9');
	});
});

describe('the ledger', () => {
	it('asks for the names of the keys that it shows, and for no others', async () => {
		const asked = vi.spyOn(backend, 'listKeys');
		const platforms = await backend.listPlatforms();
		const { data } = await backend.listCreditEntries({ limit: 50 });
		const ids = new Set(data.flatMap(({ key_id }) => key_id ?? []));
		const [first] = ids;
		const { name } = await backend.getKey(first ?? '');
		provide(Ledger, { platforms, platform: null });
		expect((await screen.findAllByRole('cell', { name })).length).toBeGreaterThan(0);
		const queries = asked.mock.calls.map(([query]) => query);
		expect(queries.map((query) => query.ids)).toEqual([[...ids].sort().join(',')]);
		asked.mockRestore();
	});
});

describe('a skeleton', () => {
	it('can be left once it lasts, and begun again', async () => {
		vi.useFakeTimers();
		provide(Skeleton, { what: 'the keys' });
		await vi.advanceTimersByTimeAsync(8000);
		vi.useRealTimers();
		await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
		expect(screen.getByText(/No longer waiting for the keys/)).not.toBeNull();
		await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
		expect(screen.getByText(/Still waiting for the keys/)).not.toBeNull();
	});
});

describe('creating a key', () => {
	it('never puts the key on the page before it is revealed', async () => {
		const platforms = await backend.listPlatforms();
		const close = vi.fn();
		provide(CreateKeyDialog, { platforms, slug: 'cards', close });
		await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Video batch' } });
		await fireEvent.submit(screen.getByLabelText('Name').closest('form') as HTMLFormElement);
		await screen.findByText('Video batch is ready to use');
		const plain = /sk_test_[0-9A-Za-z]{36}/;
		expect(document.body.innerHTML).not.toMatch(plain);
		await fireEvent.click(screen.getByRole('button', { name: 'Reveal' }));
		await waitFor(() => expect(document.body.textContent).toMatch(plain));
		await fireEvent.click(screen.getByRole('button', { name: 'Done' }));
		expect(close).toHaveBeenCalledOnce();
	});
});

describe('revoking a live key', () => {
	it('waits until its name is typed', async () => {
		const page = await backend.listKeys({
			platform: null,
			environment: null,
			search: null,
			include_revoked: true,
			cursor: null,
			limit: 50
		});
		const key = page.data.find(({ environment }) => environment === 'live') as Key;
		const close = vi.fn();
		provide(RevokeDialog, { of: key, requests: 3, close });
		const revoke = screen.getByRole('button', { name: 'Revoke key' });
		await fireEvent.click(revoke);
		expect((await backend.getKey(key.id)).status).toBe('active');
		const input = screen.getByLabelText(`Type ${key.name} to confirm`);
		await fireEvent.input(input, { target: { value: key.name } });
		await fireEvent.click(revoke);
		await waitFor(() => expect(close).toHaveBeenCalledOnce());
		expect((await backend.getKey(key.id)).status).toBe('revoked');
	});
});

describe('a copied signing secret', () => {
	it('shows how long it stays, until it is cleared', async () => {
		const [endpoint] = await backend.listWebhookEndpoints();
		render(SecretLine, { id: endpoint!.id, last4: endpoint!.secret_last4 });
		await fireEvent.click(screen.getByRole('button', { name: /^Copy/ }));
		await screen.findByRole('group', { name: 'Clipboard' });
		expect(screen.getByText(/Clipboard clears in/)).not.toBeNull();
		const clear = screen.getByRole('button', { name: 'Clear now' });
		clear.focus();
		await fireEvent.click(clear);
		await waitFor(() => expect(screen.queryByRole('group', { name: 'Clipboard' })).toBeNull());
		expect(document.activeElement).toBe(screen.getByRole('button', { name: /^Copy/ }));
	});
});
