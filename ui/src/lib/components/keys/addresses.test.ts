import { describe, expect, it } from 'vitest';
import { BackendError } from '$lib/backend';
import { AddressLines } from './addresses.svelte';

const refused = (index: number) =>
	new BackendError({
		code: 'invalid_input',
		message: '',
		fields: [{ pointer: `/ip_rules/${index}`, detail: 'is no address' }],
		request_id: null
	});

describe('addresses that a key may be used from', () => {
	it('are the lines that hold something', () => {
		const typed = new AddressLines(['203.0.113.7']);
		typed.add();
		typed.add(' 2001:db8::/32 ');
		expect(typed.rules).toEqual(['203.0.113.7', '2001:db8::/32']);
	});

	it('can be pasted many at once', () => {
		const typed = new AddressLines(['a', 'z']);
		typed.paste(0, '10.0.0.1\n10.0.0.2, 10.0.0.3');
		expect(typed.rules).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', 'z']);
	});

	it('are told what is wrong with each, also after a line was taken away', () => {
		const typed = new AddressLines(['203.0.113.7', '', 'x']);
		expect(typed.take()).toEqual(['203.0.113.7', 'x']);
		typed.remove(0);
		expect(typed.errors(refused(1))).toEqual({ 2: 'This is no address.' });
		expect(typed.errors(null)).toEqual({});
	});
});
