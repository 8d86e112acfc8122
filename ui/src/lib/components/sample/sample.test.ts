import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backend } from '$lib/backend';
import { app } from '$lib/state/app.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { removal, sample } from './acts.svelte';
import Explore from './Explore.svelte';
import SampleStrip from './SampleStrip.svelte';

const problem = { code: 'internal', message: 'No room.', fields: [], request_id: null };

beforeEach(async () => {
	await backend.endSession();
	await app.load();
	app.show({ ...app.state!, signed_in: false, me: null, has_account: false });
});
afterEach(() => {
	cleanup();
	vi.restoreAllMocks();
	sample.problem = null;
	toasts.all = [];
});

describe('exploring', () => {
	it('signs in to what is made up, and is no account of one’s own', async () => {
		render(Explore);
		screen.getByRole('button', { name: 'Explore with sample data' }).click();
		await vi.waitFor(() => expect(app.signedIn).toBe(true));
		expect(app.isSample).toBe(true);
		expect(app.state?.has_account).toBe(false);
		expect(sample.busy).toBeNull();
	});

	it('says so while it is made, and asks once', async () => {
		let done: (() => void) | undefined;
		const made = new Promise<void>((resolve) => (done = resolve));
		const me = await backend.exploreSample();
		const asked = vi.spyOn(backend, 'exploreSample').mockImplementation(() => made.then(() => me));
		render(Explore);
		const button = screen.getByRole('button');
		button.click();
		await vi.waitFor(() => expect(button.textContent).toContain('Making sample data'));
		button.click();
		done?.();
		await vi.waitFor(() => expect(app.signedIn).toBe(true));
		expect(asked).toHaveBeenCalledOnce();
	});

	it('tells why it does not work and may be tried again', async () => {
		vi.spyOn(backend, 'exploreSample').mockRejectedValueOnce(problem);
		render(Explore);
		screen.getByRole('button', { name: 'Explore with sample data' }).click();
		expect(await screen.findByText(/No room\./)).toBeTruthy();
		expect(app.signedIn).toBe(false);
		screen.getByRole('button', { name: 'Try again' }).click();
		await vi.waitFor(() => expect(app.isSample).toBe(true));
	});

	it('needs the local platform', () => {
		app.show({ ...app.state!, server: { ...app.state!.server, running: false } });
		render(Explore);
		const button = screen.getByRole('button', { name: 'Explore with sample data' });
		expect(button.getAttribute('aria-disabled')).toBe('true');
	});
});

describe('removing', () => {
	it('takes one click, leads back to the sign-in, and says that it was done', async () => {
		await sample.explore();
		render(SampleStrip);
		expect(screen.getByText('Sample data')).toBeTruthy();
		screen.getByRole('button', { name: 'Remove sample data' }).click();
		await vi.waitFor(() => expect(app.signedIn).toBe(false));
		expect(app.isSample).toBe(false);
		await vi.waitFor(() => expect(toasts.all.at(-1)?.text).toBe('Sample data removed.'));
	});

	it('is offered in the palette, and tells why it does not work', async () => {
		await sample.explore();
		vi.spyOn(backend, 'removeSample').mockRejectedValueOnce(problem);
		removal.run();
		await vi.waitFor(() => expect(toasts.all.at(-1)?.text).toContain('No room.'));
		expect(sample.busy).toBeNull();
	});
});
