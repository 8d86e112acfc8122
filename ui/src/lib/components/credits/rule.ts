import type { TopUpRule } from '$lib/backend';
import { typedAmount, wrongAmount, writtenAmount } from './amounts';

const HOUR = 3600;
const MOST_HOURS = 720;

/** A number of the rule by its name in the API. */
export type RulePart = Exclude<keyof TopUpRule, 'enabled'>;

/** The numbers of a rule as they are typed. */
export type TypedRule = Record<RulePart, string>;

export type RuleField = {
	name: RulePart;
	label: string;
	/** What an error is about, at the beginning of its sentence. */
	subject: string;
	hint?: string;
	/** What is wrong with the text, beside the others. */
	wrong: (text: string, all: TypedRule) => string | undefined;
	/** The text as the API takes it; `NaN` where it is none. */
	read: (text: string) => number;
	/** As it is typed. */
	written: (value: number, decimals: number) => string;
};

/** Hours, in seconds. */
function readHours(text: string): number {
	const hours = text.trim() ? Number(text.trim()) : NaN;
	return hours >= 0 && hours <= MOST_HOURS ? Math.round(hours * HOUR) : NaN;
}

/** A rule that was never set has empty fields. */
const amounts = {
	read: typedAmount,
	written: (value: number, decimals: number) => (value ? writtenAmount(value, decimals) : '')
};

/** Every number of a rule, in the order of its sentence. */
export const RULE_FIELDS: RuleField[] = [
	{
		...amounts,
		name: 'threshold',
		label: 'When less than this is left',
		subject: 'The threshold',
		wrong: (text) => wrongAmount(text, 'none')
	},
	{
		...amounts,
		name: 'amount',
		label: 'Buy',
		subject: 'The amount',
		wrong: (text) => wrongAmount(text)
	},
	{
		...amounts,
		name: 'monthly_ceiling',
		label: 'At most in a month',
		subject: 'The ceiling',
		hint: 'A calendar month in UTC. Nothing is bought above it.',
		wrong: (text, { amount }) =>
			wrongAmount(text) ??
			(typedAmount(text) < typedAmount(amount)
				? 'Enter at least the amount that is bought at a time.'
				: undefined)
	},
	{
		name: 'cooldown_seconds',
		label: 'Hours between two purchases',
		subject: 'The pause',
		hint: 'At least. 0 is no pause.',
		wrong: (text) =>
			Number.isNaN(readHours(text)) ? `Enter hours from 0 to ${MOST_HOURS}.` : undefined,
		read: readHours,
		written: (seconds) => String(seconds / HOUR)
	}
];
