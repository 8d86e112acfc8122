import type { CreditEntry, EntryKind, TopUp } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from '.';
import { checkRules } from './keys';
import { chance, demoId } from './random';

const CREDIT = 1_000_000;
const HOUR = 3_600_000;

/** Some movements of each platform, one an hour. */
function entriesOf({ store, now, scenario }: Demo): CreditEntry[] {
	if (scenario.amount === 'empty') return [];
	const each = scenario.amount === 'much' ? 200 : 12;
	const kinds: EntryKind[] = ['capture', 'hold', 'capture', 'hold', 'release', 'purchase'];
	return store.platforms
		.flatMap(({ slug }, p) => {
			const key = store.keys.find(({ platform }) => platform === slug)?.id ?? null;
			return Array.from({ length: each }, (_, i): CreditEntry => {
				const kind = i === each - 1 ? 'grant' : i === 4 ? 'adjustment' : (kinds[i % 6] ?? 'hold');
				const size = { grant: 100, purchase: 500, adjustment: -20 }[kind as string] ?? 4;
				const job = kind === 'hold' || kind === 'capture' || kind === 'release';
				return {
					id: demoId('ent', `${slug}${i}`),
					platform: slug,
					kind,
					amount: (kind === 'capture' ? 0 : kind === 'hold' ? -size : size) * CREDIT,
					settled: job && kind !== 'hold' ? size * CREDIT : 0,
					job_id: job ? demoId('job', `${slug}${i >> 1}`) : null,
					key_id: job ? key : null,
					note: kind === 'adjustment' ? 'Drawn twice on 21 November' : null,
					at: new Date(now() - (i * HOUR + p * 400_000)).toISOString()
				};
			});
		})
		.sort((a, b) => b.at.localeCompare(a.at));
}

function topUpsOf({ store, now, scenario }: Demo): TopUp[] {
	if (scenario.amount === 'empty') return [];
	return store.platforms.flatMap(({ slug }) =>
		Array.from({ length: 4 }, (_, i): TopUp => {
			const refused = i % 2 === 1;
			return {
				id: demoId('top', `${slug}${i}`),
				platform: slug,
				amount: 500 * CREDIT,
				trigger: i === 2 ? 'member' : 'rule',
				outcome: refused ? 'not_booked' : 'booked',
				reason: refused ? (i === 1 ? 'monthly_ceiling' : 'credit_line') : null,
				owed_after: (1000 - i * 250) * CREDIT,
				at: new Date(now() - (i + 1) * 19 * HOUR).toISOString()
			};
		})
	);
}

const paged = <T>(
	all: T[],
	cursor: string | null | undefined,
	limit: number | null | undefined
) => {
	const start = Number(cursor ?? 0);
	const end = start + (limit ?? 50);
	return { data: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
};

export function creditCalls(demo: Demo) {
	const { store, bus, now, scenario } = demo;
	const entries = entriesOf(demo);
	const topUps = topUpsOf(demo);
	const find = (slug: string) =>
		store.platforms.find((platform) => platform.slug === slug) ??
		refuse('not_found', 'There is no such platform.');
	return {
		getCredits: async ({ from = null }) =>
			store.platforms.map(({ slug, account }, i) => {
				const broken = scenario.amount === 'much' && i === 3;
				const captured = Math.round(chance(slug) * 900) * CREDIT;
				const purchased = scenario.amount === 'empty' ? 0 : 1000 * CREDIT;
				const adjusted = i === 1 && scenario.amount !== 'empty' ? -20 * CREDIT : 0;
				const rest = account.balance + account.held + captured - purchased - adjusted;
				return {
					platform: slug,
					from,
					opening: from ? rest - 100 * CREDIT : 0,
					granted: from ? 100 * CREDIT : rest,
					purchased,
					adjusted,
					captured,
					held: account.held,
					balance: account.balance,
					recomputed: account.balance - (broken ? 4 * CREDIT : 0),
					agrees: !broken
				};
			}),
		listCreditEntries: async ({ platform, kind, cursor, limit }) =>
			paged(
				entries.filter(
					(entry) => (!platform || entry.platform === platform) && (!kind || entry.kind === kind)
				),
				cursor,
				limit
			),
		listTopUps: async ({ platform, cursor, limit }) =>
			paged(
				topUps.filter((one) => !platform || one.platform === platform),
				cursor,
				limit
			),
		createTopUp: async ({ platform, amount }) => {
			const { account } = find(platform);
			const fits = account.owed + amount <= account.credit_line;
			if (fits) {
				account.owed += amount;
				account.balance += amount;
				bus.emit('change', { topic: 'accounts', platform });
			}
			const done: TopUp = {
				id: demoId('top', `${platform}${now()}`),
				platform,
				amount,
				trigger: 'member',
				outcome: fits ? 'booked' : 'not_booked',
				reason: fits ? null : 'credit_line',
				owed_after: account.owed,
				at: new Date(now()).toISOString()
			};
			topUps.unshift(done);
			return done;
		},
		updateAccount: async (slug, version, change) => {
			const { account } = find(slug);
			if (version !== account.version)
				refuse('stale_version', 'Somebody else changed this meanwhile. Look at it again.');
			if (change.low_balance != null) account.low_balance = change.low_balance || null;
			checkRules(
				change.ip_entries?.map(({ rule }) => rule),
				(place) => `/ip_entries/${place}/rule`
			);
			if (change.ip_entries) account.ip_entries = change.ip_entries;
			if (change.top_up) account.top_up = change.top_up;
			account.version += 1;
			bus.emit('change', { topic: 'accounts', platform: slug });
			return account;
		}
	} satisfies Partial<Backend['calls']>;
}
