import { beforeEach, describe, expect, it, vi } from 'vitest';
import { backend, BackendError, type Session } from '$lib/backend';
import { app } from '$lib/state/app.svelte';
import { shortcuts } from '$lib/state/shortcuts.svelte';
import { choicesWith } from './clipboard';
import { NameForm } from './partner.svelte';
import { PasswordForm } from './password.svelte';
import { Saving } from './saving.svelte';
import { inOrder, sessionName } from './sessions';

const refusal = new BackendError({
	code: 'internal',
	message: 'The disk is full.',
	fields: [],
	request_id: null
});

beforeEach(async () => {
	vi.restoreAllMocks();
	await app.load();
	await app.loadSettings();
});

describe('a setting', () => {
	it('takes effect at once', async () => {
		const saving = new Saving();
		expect(await saving.save({ single_letter_shortcuts: false })).toBe(true);
		expect(app.settings?.single_letter_shortcuts).toBe(false);
		expect(shortcuts.letters).toBe(false);
		await saving.save({ single_letter_shortcuts: true });
		expect(shortcuts.letters).toBe(true);
	});

	it('comes back with the reason when it is not kept', async () => {
		vi.spyOn(backend, 'updateSettings').mockRejectedValue(refusal);
		const saving = new Saving();
		expect(await saving.save({ clipboard_seconds: 90 })).toBe(false);
		expect(app.settings?.clipboard_seconds).toBe(45);
		expect(saving.problem?.message).toBe('The disk is full.');
	});

	it('offers what is set even if it is none of the choices', () => {
		expect(choicesWith(45).map(({ value }) => value)).toEqual(['15', '45', '90', '450', '0']);
		expect(choicesWith(30)[0]).toEqual({ value: '30', label: '30 seconds' });
	});
});

describe('changing the passphrase', () => {
	it('asks for both before it asks the server', async () => {
		const form = new PasswordForm();
		form.next = 'short';
		expect(await form.submit()).toBe(false);
		expect(form.currentError).toContain('sign in with now');
		expect(form.nextError).toContain('5 characters');
	});

	it('says at the field that the current one is wrong', async () => {
		const form = new PasswordForm();
		form.current = 'wrong';
		await form.generate();
		expect(await form.submit()).toBe(false);
		expect(form.currentError).toBe('That is not the passphrase you sign in with now.');
		expect(form.rest).toBeNull();
	});

	it('forgets what was typed once it is done', async () => {
		const form = new PasswordForm();
		form.current = 'right';
		await form.generate();
		expect(await form.submit()).toBe(true);
		expect([form.current, form.next]).toEqual(['', '']);
	});
});

describe('the name', () => {
	it('cannot be empty, and is shown everywhere once changed', async () => {
		const form = new NameForm('Fieldhouse');
		form.name = ' ';
		expect(await form.submit()).toBe(false);
		expect(form.error).toContain('Enter a name');
		form.name = 'Fieldhouse Media';
		expect(await form.submit()).toBe(true);
		expect(app.state?.me?.partner.name).toBe('Fieldhouse Media');
	});
});

describe('sessions', () => {
	const session = (id: string, used: string, current = false): Session => ({
		id,
		created_at: used,
		last_used_at: used,
		address: null,
		user_agent: null,
		current
	});

	it('begin with this one, then the one used last', () => {
		const all = [
			session('a', '2026-11-01T00:00:00Z'),
			session('b', '2026-11-03T00:00:00Z'),
			session('c', '2026-11-02T00:00:00Z', true)
		];
		expect(inOrder(all).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
		expect(sessionName(session('a', ''))).toBe('An unnamed program');
	});
});
