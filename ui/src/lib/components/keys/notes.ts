import type { Key } from '$lib/backend';
import type { Note } from '$lib/components/charts/notes';

/** Why a key that was in use calls no more, or when it took over, for charts of its use. */
export function notesOf(keys: Key[]): Note[] {
	return keys
		.filter(({ last_used_at }) => last_used_at !== null)
		.flatMap(({ name, status, revoked_at, paused_at, expires_at, replaces, created_at }) => {
			if (replaces) return [{ at: created_at, text: `${name} rotated` }];
			if (status === 'revoked' && revoked_at) return [{ at: revoked_at, text: `${name} revoked` }];
			if (status === 'expired' && expires_at) return [{ at: expires_at, text: `${name} ended` }];
			if (status === 'paused' && paused_at) return [{ at: paused_at, text: `${name} paused` }];
			return [];
		});
}
