import { describe, expect, it } from 'vitest';
import { backend } from '$lib/backend';
import { NewKey } from './create.svelte';
import { custodyWords } from './custody';

const form = async () => {
	const platforms = await backend.listPlatforms();
	return { platforms, key: new NewKey(platforms, 'reels') };
};

describe('creating a key', () => {
	it('starts with the platform’s default scopes, and forgets them with the platform', async () => {
		const { key } = await form();
		expect(key.scopes).toEqual(['generate', 'read']);
		key.toggleScope('read');
		expect(key.scopes).toEqual(['generate']);
		key.choosePlatform('cards');
		expect(key.scopes).toEqual([]);
	});

	it('asks for a name, and for one that is short enough', async () => {
		const { key } = await form();
		await key.submit();
		expect(key.nameError).toContain('Give the key a name');
		key.name = 'x'.repeat(130);
		expect(key.nameError).toBe('The name has 130 characters, 100 are allowed. Shorten it.');
		expect(key.made).toBeNull();
	});

	it('ticks the steps and hands the key over without its secret', async () => {
		const { key } = await form();
		key.name = 'Video batch';
		await key.submit();
		expect(key.steps).toEqual(['created', 'kept', 'compared']);
		expect(key.made?.kept).toBe('kept');
		expect(JSON.stringify(key.made)).not.toContain('secret":');
	});

	it('takes limits of spending for live keys alone', async () => {
		const { key } = await form();
		key.name = 'Video batch';
		key.typed.daily_limit = 'much';
		expect(key.errors.daily_limit).toBeUndefined();
		key.environment = 'live';
		expect(key.errors.daily_limit).toContain('Enter an amount');
		key.typed.daily_limit = '12.5';
		await key.submit();
		expect(key.made?.key.daily_limit).toBe(12_500_000);
	});
});

describe('what this computer holds', () => {
	const custody = { compared_at: null, keychain: 'present' } as const;

	it('says why a key cannot be copied', () => {
		expect(custodyWords({ ...custody, state: 'kept' }, 'keyring').noCopy).toBeUndefined();
		expect(custodyWords({ ...custody, state: 'session_only' }, 'keyring').noCopy).toBeUndefined();
		expect(custodyWords({ ...custody, state: 'absent' }, 'keyring').noCopy).toContain(
			'does not hold'
		);
		const locked = { ...custody, state: 'unavailable', keychain: 'locked' } as const;
		expect(custodyWords(locked, 'keyring').noCopy).toBe('The keyring is locked.');
	});
});
