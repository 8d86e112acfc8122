import type { Component } from 'svelte';
import Gauge from '@lucide/svelte/icons/gauge';
import Cable from '@lucide/svelte/icons/cable';
import KeyRound from '@lucide/svelte/icons/key-round';
import Settings from '@lucide/svelte/icons/settings';
import Webhook from '@lucide/svelte/icons/webhook';

export type Screen = {
	path: string;
	name: string;
	icon: Component<{ class?: string }>;
	/** The letter after G. */
	letter: string;
};

/** To add a screen: a folder in `routes`, and its line here. */
export const SCREENS: Screen[] = [
	{ path: '/', name: 'Overview', icon: Gauge, letter: 'o' },
	{ path: '/keys', name: 'Keys', icon: KeyRound, letter: 'k' },
	{ path: '/webhooks', name: 'Webhooks', icon: Webhook, letter: 'w' },
	{ path: '/connections', name: 'Connections', icon: Cable, letter: 'n' },
	{ path: '/settings', name: 'Settings', icon: Settings, letter: 's' }
];
