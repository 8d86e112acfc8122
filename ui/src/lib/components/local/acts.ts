import type { QueryClient } from '@tanstack/svelte-query';
import { backend, type Platform } from '$lib/backend';
import { app } from '$lib/state/app.svelte';

/** What the operator gives a number for. */
export type AmountAct = 'grant' | 'adjust' | 'line' | 'payment';

type Words = {
	title: string;
	label: string;
	hint: string;
	button: string;
	busy: string;
	/** Whether it may be below zero, and whether it may be nothing. */
	signed: boolean;
	zero: boolean;
	/** Whether a reason is asked for: it stays in the ledger. */
	noted: boolean;
};

export const AMOUNT_ACTS: Record<AmountAct, Words> = {
	grant: {
		title: 'Grant credits',
		label: 'Amount',
		hint: 'Given at once, for nothing.',
		button: 'Grant credits',
		busy: 'Granting',
		signed: false,
		zero: false,
		noted: true
	},
	adjust: {
		title: 'Adjust the balance',
		label: 'By',
		hint: 'Below zero takes credits away: -20.',
		button: 'Adjust balance',
		busy: 'Adjusting',
		signed: true,
		zero: false,
		noted: true
	},
	line: {
		title: 'Set the credit line',
		label: 'May owe at most',
		hint: 'What is bought on account is owed. 0 lets nothing be bought.',
		button: 'Set credit line',
		busy: 'Setting',
		signed: false,
		zero: true,
		noted: false
	},
	payment: {
		title: 'Record a payment',
		label: 'Paid',
		hint: 'Taken off what is owed.',
		button: 'Record payment',
		busy: 'Recording',
		signed: false,
		zero: false,
		noted: false
	}
};

/** Does it; `operation` names it, so that sent twice it is done once. */
export function sendAmount(
	act: AmountAct,
	{ slug }: Platform,
	amount: number,
	note: string | null,
	operation: string
): Promise<string> {
	switch (act) {
		case 'grant':
			return backend.grantCredits(slug, amount, note, operation);
		case 'adjust':
			return backend.adjustCredits(slug, amount, note, operation);
		case 'line':
			return backend.setCreditLine(slug, amount);
		case 'payment':
			return backend.recordPayment(slug, amount);
	}
}

/** Shows what an act has changed before the server tells of it. */
export async function refresh(client: QueryClient) {
	await Promise.all(
		['platforms', 'credits', 'audit'].map((root) => client.invalidateQueries({ queryKey: [root] }))
	);
}

/** Refuses all keys of the partner, or takes that back; the page knows at once. */
export async function suspendPartner(client: QueryClient, suspended: boolean) {
	await backend.suspendPartner(suspended);
	const me = await backend.getMe();
	if (app.state) app.show({ ...app.state, me });
	await refresh(client);
}
