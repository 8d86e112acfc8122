import type { CreditEntry, EntryKind, IpEntry, TopUpReason, TopUpRule } from '$lib/backend';
import { amount, amountWithUnit, type Unit } from '$lib/format/amount';
import { span } from '$lib/format/time';

export const KIND_WORDS: Record<EntryKind, string> = {
	grant: 'Grant',
	purchase: 'Purchase',
	adjustment: 'Adjustment',
	hold: 'Hold',
	capture: 'Spent',
	release: 'Released'
};

/** What a kind of movement is. */
export const KIND_MEANS: Record<EntryKind, string> = {
	grant: 'Given by the operator',
	purchase: 'Bought on account',
	adjustment: 'Corrected by the operator',
	hold: 'Set aside for a call under way',
	capture: 'What was held was spent',
	release: 'What was held was given back'
};

/** Why nothing was bought, as a sentence with its remedy. */
export const REASON_WORDS: Record<TopUpReason, string> = {
	credit_line: 'More would be owed than the credit line allows. The operator can raise it.',
	monthly_ceiling: 'The rule would have bought more than its ceiling for this month.',
	cool_down: 'The rule had bought a short while before.',
	disabled: 'The account is suspended.'
};

/** What a movement did to the balance: `+100`, `−4.00 USD`, `4 held` where the hold took it before. */
export function moved(entry: CreditEntry, unit: Unit): string {
	const named = unit.name === 'credits' ? '' : ` ${unit.name}`;
	if (entry.kind === 'capture') return `${amount(entry.settled, unit.decimals)}${named} held`;
	const sign = entry.amount < 0 ? '−' : '+';
	return `${sign}${amount(Math.abs(entry.amount), unit.decimals)}${named}`;
}

/** The rule as a sentence. */
export function ruleWords(rule: TopUpRule, unit: Unit): string {
	if (!rule.enabled) return 'Off. Calls are refused once the balance is used up.';
	const buys = amountWithUnit(rule.amount, unit);
	const below = amountWithUnit(rule.threshold, unit);
	const most = amountWithUnit(rule.monthly_ceiling, unit);
	const pause = rule.cooldown_seconds ? `, at least ${span(rule.cooldown_seconds)} apart` : '';
	return `Buys ${buys} when a call leaves less than ${below}; at most ${most} a month${pause}.`;
}

/** An allowed address in a list: `203.0.113.7 (office)`. */
export function entryWords({ rule, note, active }: IpEntry): string {
	const beside = [active ? '' : 'off', note].filter(Boolean).join(', ');
	return beside ? `${rule} (${beside})` : rule;
}
