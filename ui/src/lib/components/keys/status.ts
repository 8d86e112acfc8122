import type { Component } from 'svelte';
import Ban from '@lucide/svelte/icons/ban';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import Clock from '@lucide/svelte/icons/clock';
import ClockAlert from '@lucide/svelte/icons/clock-alert';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import type { Key } from '$lib/backend';
import { plural } from '$lib/format/number';
import { fullTime, span, zoneName } from '$lib/format/time';

const DAY = 86_400_000;
const SOON = 7 * DAY;

export type Standing = {
	icon: Component<{ class?: string }>;
	tone: 'ok' | 'warn' | 't2' | 't3';
	word: string;
};

/** Whether a key that works has less than seven days to go. */
export const endsSoon = ({ status, expires_at }: Key, now: number) =>
	status === 'active' && expires_at !== null && Date.parse(expires_at) - now < SOON;

/** A key that works and ends before this time ends soon. */
export const endsBefore = (now: number) => new Date(now + SOON).toISOString();

/** How long the old key of a rotation still works: `, 19 h left`. */
function graceLeft({ grace_ends_at }: Key, now: number): string {
	const left = grace_ends_at ? Date.parse(grace_ends_at) - now : 0;
	return left > 0 ? `, ${span(left / 1000)} left` : '';
}

/** Icon and word for where a key stands. */
export function standing(key: Key, now: number): Standing {
	if (key.status === 'revoked') return { icon: Ban, tone: 't3', word: 'Revoked' };
	if (key.status === 'expired') return { icon: ClockAlert, tone: 't3', word: 'Ended' };
	if (key.status === 'retiring') {
		return { icon: RefreshCw, tone: 'warn', word: `Rotating${graceLeft(key, now)}` };
	}
	if (key.status === 'paused') return { icon: CirclePause, tone: 't2', word: 'Paused' };
	if (endsSoon(key, now)) {
		const left = Date.parse(key.expires_at ?? '') - now;
		const word = left < DAY ? 'Ends today' : `Ends in ${plural(Math.ceil(left / DAY), 'day')}`;
		return { icon: Clock, tone: 'warn', word };
	}
	return { icon: CircleCheck, tone: 'ok', word: 'Active' };
}

/** When a key was revoked and by whom, or when it ended; undefined while it is of use. */
export function endedWords(key: Key): string | undefined {
	const when = (at: string) => `${fullTime(at)} ${zoneName(at)}`;
	if (key.status === 'revoked' && key.revoked_at) {
		return `Revoked ${when(key.revoked_at)}${key.revoked_by ? ` by ${key.revoked_by}` : ''}.`;
	}
	if (key.status === 'expired' && key.replaced_by && key.grace_ends_at) {
		return `Replaced; ended ${when(key.grace_ends_at)}.`;
	}
	if (key.status === 'expired' && key.expires_at) return `Ended ${when(key.expires_at)}.`;
	return undefined;
}

/** Whether a key can do anything any more. */
export const isGone = (key: Key) => key.status === 'revoked' || key.status === 'expired';
