import { toBackendError, type BackendError, type DashboardTopUp } from '$lib/backend';
import { typedAmount, writtenAmount, wrongAmount } from '$lib/components/credits/amounts';

/** When credits are bought on the platform, as it is typed. */
export class TopUpForm {
	enabled = $state(false);
	amount = $state('');
	threshold = $state('');
	busy = $state(false);
	tried = $state(false);
	problem = $state.raw<BackendError | null>(null);

	amountError = $derived(this.tried && this.enabled ? wrongAmount(this.amount) : undefined);
	thresholdError = $derived(
		this.tried && this.enabled ? wrongAmount(this.threshold, 'none') : undefined
	);

	constructor({ enabled, amount, threshold }: DashboardTopUp, decimals: number) {
		this.enabled = enabled;
		this.amount = amount ? writtenAmount(amount, decimals) : '';
		this.threshold = threshold ? writtenAmount(threshold, decimals) : '';
	}

	get rule(): DashboardTopUp {
		return {
			enabled: this.enabled,
			amount: typedAmount(this.amount) || 0,
			threshold: typedAmount(this.threshold) || 0
		};
	}

	/** Whether it was set. */
	async submit(send: (rule: DashboardTopUp) => Promise<unknown>): Promise<boolean> {
		this.tried = true;
		this.problem = null;
		if (this.busy || this.amountError || this.thresholdError) return false;
		this.busy = true;
		try {
			await send(this.rule);
			return true;
		} catch (cause) {
			this.problem = toBackendError(cause);
			return false;
		} finally {
			this.busy = false;
		}
	}
}
