import type { Component } from 'svelte';
import Ban from '@lucide/svelte/icons/ban';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import Clock from '@lucide/svelte/icons/clock';
import ClockAlert from '@lucide/svelte/icons/clock-alert';
import type { Key } from '$lib/backend';
import { plural } from '$lib/format/number';

const DAY = 86_400_000;
const SOON = 7 * DAY;

export type Standing = {
	icon: Component<{ class?: string }>;
	tone: 'ok' | 'warn' | 't2' | 't3';
	word: string;
};

/** Icon and word for where a key stands. */
export function standing(key: Key, now: number): Standing {
	if (key.status === 'revoked') return { icon: Ban, tone: 't3', word: 'Revoked' };
	if (key.status === 'expired') return { icon: ClockAlert, tone: 't3', word: 'Ended' };
	if (key.status === 'paused') return { icon: CirclePause, tone: 't2', word: 'Paused' };
	const left = key.expires_at ? Date.parse(key.expires_at) - now : Infinity;
	if (left < SOON) {
		const word = left < DAY ? 'Ends today' : `Ends in ${plural(Math.ceil(left / DAY), 'day')}`;
		return { icon: Clock, tone: 'warn', word };
	}
	return { icon: CircleCheck, tone: 'ok', word: 'Active' };
}

/** Whether a key can do anything any more. */
export const isGone = (key: Key) => key.status === 'revoked' || key.status === 'expired';
