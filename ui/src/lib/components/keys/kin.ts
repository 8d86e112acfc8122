import type { Key, KeyId } from '$lib/backend';

/** Another key that this one belongs to, and what it is to it. */
export type Kin = { word: string; id: KeyId };

/** The keys that this one belongs to: of its pair, before and after a rotation. */
export function kinOf({ kind, pair_id, replaces, replaced_by }: Key): Kin[] {
	const all = [
		{ word: kind === 'secret' ? 'Public key' : 'Secret key', id: pair_id },
		{ word: 'Replaces', id: replaces },
		{ word: 'Replaced by', id: replaced_by }
	];
	return all.flatMap(({ word, id }) => (id ? [{ word, id }] : []));
}
