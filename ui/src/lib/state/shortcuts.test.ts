import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nameOf, shortcuts } from './shortcuts.svelte';

const press = (key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body) => {
	const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true, ...init });
	Object.defineProperty(event, 'target', { value: target });
	shortcuts.handle(event);
	return event;
};

describe('shortcuts', () => {
	const keys = vi.fn();
	const create = vi.fn();
	const search = vi.fn();
	let remove: () => void;

	beforeEach(() => {
		vi.clearAllMocks();
		shortcuts.letters = true;
		remove = shortcuts.add([
			{ keys: 'g k', does: 'Keys', run: keys },
			{ keys: 'n', does: 'New key', run: create },
			{ keys: 'mod+k', does: 'Search', run: search }
		]);
	});
	afterEach(() => remove());

	it('runs single letters, sequences and chords', () => {
		press('n');
		press('g');
		press('k');
		expect(press('k', { ctrlKey: true }).defaultPrevented).toBe(true);
		expect([create, keys, search].map((act) => act.mock.calls.length)).toEqual([1, 1, 1]);
	});

	it('leaves letters to a field, but not chords', () => {
		const input = document.createElement('input');
		press('n', {}, input);
		press('k', { metaKey: true }, input);
		expect(create).not.toHaveBeenCalled();
		expect(search).toHaveBeenCalledOnce();
	});

	it('tells F6 with Shift from F6, but not the characters that Shift makes', () => {
		expect(nameOf(new KeyboardEvent('keydown', { key: 'F6', shiftKey: true }))).toBe('shift+f6');
		expect(nameOf(new KeyboardEvent('keydown', { key: '?', shiftKey: true }))).toBe('?');
	});

	it('can be without single letters', () => {
		shortcuts.letters = false;
		press('n');
		press('k', { ctrlKey: true });
		expect(create).not.toHaveBeenCalled();
		expect(search).toHaveBeenCalledOnce();
	});

	it('forgets what was removed', () => {
		remove();
		press('n');
		expect(create).not.toHaveBeenCalled();
	});
});
