import type { Account } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from '.';

export function localCalls({ store, bus, app, now }: Demo) {
	const change = (slug: string, what: (account: Account) => void) => {
		const platform =
			store.platforms.find((one) => one.slug === slug) ??
			refuse('not_found', 'There is no such platform.');
		what(platform.account);
		bus.emit('change', { topic: 'accounts', platform: slug });
		return 'Done.';
	};
	const since = (on: boolean) => (on ? new Date(now()).toISOString() : null);
	return {
		grantCredits: async (slug, amount) => change(slug, (account) => (account.balance += amount)),
		adjustCredits: async (slug, amount) => change(slug, (account) => (account.balance += amount)),
		setCreditLine: async (slug, amount) =>
			change(slug, (account) => (account.credit_line = amount)),
		recordPayment: async (slug, amount) =>
			change(slug, (account) => (account.owed = Math.max(0, account.owed - amount))),
		setLiveMode: async (slug, on) => change(slug, (account) => (account.live_enabled = on)),
		suspendAccount: async (slug, on) =>
			change(slug, (account) => (account.suspended_at = since(on))),
		suspendPartner: async (on) => {
			if (app.me) app.me.partner.suspended_at = since(on);
			return 'Done.';
		}
	} satisfies Partial<Backend['calls']>;
}
