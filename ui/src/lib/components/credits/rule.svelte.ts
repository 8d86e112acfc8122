import type { Account, BackendError, TopUpRule, UpdateAccount } from '$lib/backend';
import { toBackendError } from '$lib/backend';
import { RULE_FIELDS, type RuleField, type RulePart, type TypedRule } from './rule';

type Send = (change: UpdateAccount) => Promise<Account>;

/** What `of` makes of each number of a rule. */
const each = <T>(of: (field: RuleField) => T) =>
	Object.fromEntries(RULE_FIELDS.map((field) => [field.name, of(field)])) as Record<RulePart, T>;

/** The rule of topping up as it is typed. */
export class RuleForm {
	enabled = $state(false);
	typed = $state() as TypedRule;
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);

	errors = $derived(
		each(
			({ name, subject, wrong }) =>
				(this.tried && this.enabled ? wrong(this.typed[name], this.typed) : undefined) ??
				this.problem?.field(`/top_up/${name}`, subject)
		)
	);
	/** What is wrong with nothing that one typed. */
	rest = $derived(Object.values(this.errors).some(Boolean) ? null : this.problem);

	constructor(rule: TopUpRule, decimals: number) {
		this.enabled = rule.enabled;
		this.typed = each(({ name, written }) => written(rule[name], decimals));
	}

	/** A rule that is off may have numbers that are none: they are kept as nothing. */
	get rule(): TopUpRule {
		const numbers = each(({ name, read }) => read(this.typed[name]) || 0);
		return { enabled: this.enabled, ...numbers };
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
