import { describe, expect, it, vi } from 'vitest';
import { backend } from '$lib/backend';
import { app } from '$lib/state/app.svelte';
import { SignInForm, SignUpForm } from './entry.svelte';

describe('signing in', () => {
	it('asks for what is missing before it asks the server', async () => {
		const form = new SignInForm();
		await form.submit();
		expect(form.emailError).toContain('name@example.com');
		expect(form.passwordError).toBe('Enter your passphrase.');
	});

	it('uses the passphrase of the keychain only for its own email', async () => {
		const form = new SignInForm();
		await form.loadSaved();
		expect(form.email).toBe('mara@fieldhouse.example');
		expect(form.kept).toBe(true);
		form.email = 'other@fieldhouse.example';
		expect(form.kept).toBe(false);
	});

	it('keeps what was typed when the server refuses it', async () => {
		const form = new SignInForm();
		form.email = 'mara@fieldhouse.example';
		form.password = 'wrong';
		await form.submit();
		expect(form.problem?.code).toBe('wrong_credentials');
		expect(form.password).toBe('wrong');
		expect(form.busy).toBe(false);
	});
});

describe('a passphrase that was kept and then changed elsewhere', () => {
	it('is not offered again', async () => {
		const wrong = { code: 'wrong_credentials', message: '', fields: [], request_id: null };
		const asked = vi.spyOn(backend, 'createSessionWithSaved').mockRejectedValueOnce(wrong);
		const form = new SignInForm();
		await form.loadSaved();
		await form.submit();
		expect(asked).toHaveBeenCalledOnce();
		expect(form.kept).toBe(false);
		expect(form.problem).toBeNull();
		expect(form.passwordError).toContain('Type the new one.');
	});
});

describe('creating an account', () => {
	it('names the field the server refuses', async () => {
		const form = new SignUpForm();
		form.name = 'Fieldhouse';
		form.email = 'taken@fieldhouse.example';
		await form.generate();
		await form.submit();
		expect(form.emailError).toContain('already has an account');
		expect(form.rest).toBeNull();
	});

	it('counts characters, not bytes, and says how many are missing', async () => {
		const form = new SignUpForm();
		form.name = 'F';
		form.email = 'a@b.example';
		form.password = 'äöü';
		await form.submit();
		expect(form.passwordError).toBe('The passphrase has 3 characters, at least 15 are needed.');
	});

	it('signs in and forgets the passphrase', async () => {
		await app.load();
		const form = new SignUpForm();
		form.name = 'Fieldhouse';
		form.email = 'mara@fieldhouse.example';
		await form.generate();
		await form.submit();
		expect(app.signedIn).toBe(true);
		expect(form.password).toBe('');
	});
});
