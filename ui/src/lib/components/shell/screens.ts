import type { Component } from 'svelte';
import Coins from '@lucide/svelte/icons/coins';
import ChartLine from '@lucide/svelte/icons/chart-line';
import Gauge from '@lucide/svelte/icons/gauge';
import Cable from '@lucide/svelte/icons/cable';
import KeyRound from '@lucide/svelte/icons/key-round';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Server from '@lucide/svelte/icons/server';
import Settings from '@lucide/svelte/icons/settings';
import Webhook from '@lucide/svelte/icons/webhook';

export type Screen = {
	path: string;
	name: string;
	icon: Component<{ class?: string }>;
	/** The letter after G. */
	letter: string;
	/** Opened from the connection menu and not from the list of screens. */
	menu?: boolean;
};

/** To add a screen: a folder in `routes`, and its line here. */
export const SCREENS: Screen[] = [
	{ path: '/', name: 'Overview', icon: Gauge, letter: 'o' },
	{ path: '/keys', name: 'Keys', icon: KeyRound, letter: 'k' },
	{ path: '/webhooks', name: 'Webhooks', icon: Webhook, letter: 'w' },
	{ path: '/usage', name: 'Usage', icon: ChartLine, letter: 'u' },
	{ path: '/credits', name: 'Credits', icon: Coins, letter: 'c' },
	{ path: '/audit', name: 'Audit log', icon: ScrollText, letter: 'a' },
	{ path: '/connections', name: 'Connections', icon: Cable, letter: 'n' },
	{ path: '/local', name: 'Local platform', icon: Server, letter: 'l', menu: true },
	{ path: '/settings', name: 'Settings', icon: Settings, letter: 's', menu: true }
];
