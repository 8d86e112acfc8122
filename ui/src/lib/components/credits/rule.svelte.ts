import type { Account, BackendError, TopUpRule, UpdateAccount } from '$lib/backend';
import { toBackendError } from '$lib/backend';
import { typedAmount, writtenAmount, wrongAmount } from './amounts';

const HOUR = 3600;
const MOST_HOURS = 720;

type Send = (change: UpdateAccount) => Promise<Account>;

/** The rule of topping up as it is typed. */
export class RuleForm {
	enabled = $state(false);
	threshold = $state('');
	amount = $state('');
	ceiling = $state('');
	hours = $state('');
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);

	errors = $derived.by(() => {
		const asked = this.tried && this.enabled;
		const of = (pointer: string, subject: string) =>
			this.problem?.field(`/top_up/${pointer}`, subject);
		const own = (text: string, least: 'some' | 'none') =>
			asked ? wrongAmount(text, least) : undefined;
		return {
			threshold: own(this.threshold, 'none') ?? of('threshold', 'The threshold'),
			amount: own(this.amount, 'some') ?? of('amount', 'The amount'),
			ceiling:
				own(this.ceiling, 'some') ??
				(asked && typedAmount(this.ceiling) < typedAmount(this.amount)
					? 'Enter at least the amount that is bought at a time.'
					: undefined) ??
				of('monthly_ceiling', 'The ceiling'),
			hours: (asked ? wrongHours(this.hours) : undefined) ?? of('cooldown_seconds', 'The pause')
		};
	});
	/** What is wrong with nothing that one typed. */
	rest = $derived(Object.values(this.errors).some(Boolean) ? null : this.problem);

	constructor(rule: TopUpRule, decimals: number) {
		const written = (value: number) => (value ? writtenAmount(value, decimals) : '');
		this.enabled = rule.enabled;
		this.threshold = written(rule.threshold);
		this.amount = written(rule.amount);
		this.ceiling = written(rule.monthly_ceiling);
		this.hours = String(rule.cooldown_seconds / HOUR);
	}

	get rule(): TopUpRule {
		const of = (text: string) => typedAmount(text) || 0;
		return {
			enabled: this.enabled,
			threshold: of(this.threshold),
			amount: of(this.amount),
			monthly_ceiling: of(this.ceiling),
			cooldown_seconds: wrongHours(this.hours) ? 0 : Math.round(Number(this.hours) * HOUR)
		};
	}

	/** Whether it was kept. */
	async submit(send: Send): Promise<boolean> {
		this.problem = null;
		this.tried = true;
		if (this.busy || Object.values(this.errors).some(Boolean)) return false;
		this.busy = true;
		try {
			await send({ low_balance: null, top_up: this.rule });
			return true;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = false;
		}
	}
}

function wrongHours(text: string): string | undefined {
	const hours = text.trim() ? Number(text.trim()) : NaN;
	return hours >= 0 && hours <= MOST_HOURS ? undefined : `Enter hours from 0 to ${MOST_HOURS}.`;
}
