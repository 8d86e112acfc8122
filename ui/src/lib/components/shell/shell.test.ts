import { afterEach, describe, expect, it, vi } from 'vitest';
import { backend } from '$lib/backend';
import { place } from '$lib/components/shared/tooltip';
import { drawLock } from '$lib/components/session/lock';
import { destinations, find } from './destinations';
import { moveRegion } from './regions';
import { troubleOf } from './trouble';
import { keychainRemedy, keychainWords } from './words';

const everything = async () => {
	const [platforms, endpoints] = await Promise.all([
		backend.listPlatforms(),
		backend.listWebhookEndpoints()
	]);
	const { data: keys } = await backend.listKeys({ limit: 200 } as never);
	return { platforms, endpoints, keys };
};

describe('search or jump', () => {
	it('finds by every word, and by the last four of a key', async () => {
		const { platforms, keys, endpoints } = await everything();
		const all = destinations(platforms, keys, endpoints);
		const [key] = keys;
		const byEnding = find(all, key?.last4 ?? '');
		expect(byEnding.flatMap(({ items }) => items).map(({ id }) => id)).toContain(key?.id);
		expect(find(all, 'keys')[0]?.items[0]?.name).toBe('Keys');
		expect(find(all, 'nothing of the kind')).toEqual([]);
	});
});

describe('trouble', () => {
	it('is the worst that is the case', async () => {
		const { platforms } = await everything();
		const platform = platforms[0]!;
		const account = { ...platform.account, balance: 0 };
		expect(troubleOf(platform, [])).toBeNull();
		expect(troubleOf({ ...platform, account }, [])?.word).toBe('out of credits');
		const low = { ...platform.account, low_balance: platform.account.balance + 1 };
		expect(troubleOf({ ...platform, account: low }, [])?.word).toBe('low balance');
		const suspended = { ...account, suspended_at: '2026-11-22T00:00:00Z' };
		expect(troubleOf({ ...platform, account: suspended }, [])?.word).toBe('suspended');
	});
});

describe('the keychain', () => {
	it('is called by its local name, and every state has a remedy', () => {
		expect(keychainWords('locked', 'keyring')).toBe('Keyring locked');
		expect(keychainRemedy('absent', 'keyring').next).toContain('nothing is written elsewhere');
	});
});

describe('a tooltip', () => {
	const view = { width: 400, height: 300 };
	const tip = { width: 100, height: 20 };

	it('stays inside the window, above where below has no room', () => {
		const low = { left: 380, top: 280, bottom: 296, width: 10 };
		expect(place(low, tip, view)).toEqual({ left: 292, top: 254 });
		expect(place({ ...low, top: 10, bottom: 26 }, tip, view).top).toBe(32);
	});
});

describe('the lock', () => {
	it('has a pin a platform, five at least', () => {
		expect(drawLock(['AB', 'CD']).pins).toHaveLength(5);
		expect(drawLock(['AB', 'CD']).pins[1]?.label).toBe('CD');
		expect(drawLock(Array.from({ length: 7 }, () => 'X')).pins).toHaveLength(7);
	});
});

describe('the parts of the window', () => {
	const seen = { length: 1 } as unknown as DOMRectList;
	afterEach(() => {
		document.body.innerHTML = '';
		vi.restoreAllMocks();
	});

	it('are walked forwards and backwards, round and round', () => {
		vi.spyOn(HTMLElement.prototype, 'getClientRects').mockReturnValue(seen);
		document.body.innerHTML = ['sidebar', 'list', 'drawer']
			.map((name) => `<div data-region="${name}"><button id="${name}"></button></div>`)
			.join('');
		const walk = (step: 1 | -1) => {
			moveRegion(step);
			return document.activeElement?.id;
		};
		expect(([1, 1, 1, 1] as const).map(walk)).toEqual(['sidebar', 'list', 'drawer', 'sidebar']);
		expect(([-1, -1] as const).map(walk)).toEqual(['drawer', 'list']);
		(document.activeElement as HTMLElement).blur();
		expect(walk(-1)).toBe('drawer');
	});
});
