import { describe, expect, it } from 'vitest';
import { BackendError } from './error';

const refused = (detail: string) =>
	new BackendError({
		code: 'invalid_input',
		message: '',
		fields: [{ pointer: '/url', detail }],
		request_id: null
	});

describe('what the server says about a field', () => {
	it('becomes a sentence about its subject', () => {
		const error = refused('must begin with https://');
		expect(error.field('/url', 'The address')).toBe('The address must begin with https://.');
		expect(error.field('/name', 'The name')).toBeUndefined();
	});

	it('stays as it is where it is a sentence', () => {
		const error = refused('Begin it with https://.');
		expect(error.field('/url', 'The address')).toBe('Begin it with https://.');
	});
});
