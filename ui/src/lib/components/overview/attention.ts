import type { Key, Me, Platform, Usage, WebhookEndpoint } from '$lib/backend';
import { amountWithUnit } from '$lib/format/amount';
import { plural } from '$lib/format/number';
import { date, timeOfDay } from '$lib/format/time';

export type Matter = {
	id: string;
	kind: 'danger' | 'warn' | 'ends';
	title: string;
	text: string;
	/** The one button: its words and where it leads. */
	act?: { label: string; path: string };
};

const DAY = 86_400_000;
/** Sooner than this is worth a word. */
const SOON = 7;
/** More keys that end soon than this are one line. */
const MOST_KEYS = 3;

export type Facts = {
	now: number;
	me: Me | null;
	platforms: Platform[];
	keys: Key[];
	endpoints: WebhookEndpoint[];
	/** The last seven days by platform. */
	week: Usage | undefined;
};

/** Credits a platform's live calls cost a day, at this week's rate, in millionths. */
export function dailyCost(week: Usage | undefined, slug: string): number {
	const spent = (week?.series ?? [])
		.filter(({ environment, group }) => environment === 'live' && group === slug)
		.flatMap(({ credits }) => credits)
		.reduce((sum, credits) => sum + credits, 0);
	return spent / 7;
}

/** For how many days the balance lasts at this week's rate; null where nothing is spent. */
export function lasts(platform: Platform, week: Usage | undefined): number | null {
	const daily = dailyCost(week, platform.slug);
	return daily > 0 ? Math.floor(platform.account.balance / daily) : null;
}

function ofPlatform(platform: Platform, week: Usage | undefined): Matter[] {
	const { account, name, slug, unit } = platform;
	const balance = amountWithUnit(account.balance, unit);
	if (account.suspended_at) {
		return [
			{
				id: `suspended/${slug}`,
				kind: 'danger',
				title: `${name} has suspended your account.`,
				text: 'Every call is refused until its operator lifts it.'
			}
		];
	}
	const prices = platform.operations.map(({ price }) => price).filter((price) => price > 0);
	if (prices.length > 0 && account.balance < Math.min(...prices)) {
		const text = `The balance is ${balance}; live calls are refused. Ask the operator for more.`;
		return [{ id: `empty/${slug}`, kind: 'danger', title: `${name} is out of credits.`, text }];
	}
	const days = lasts(platform, week);
	if (days === null || days >= SOON) return [];
	const about = days < 1 ? 'less than a day' : `about ${plural(days, 'day')}`;
	return [
		{
			id: `low/${slug}`,
			kind: 'warn',
			title: `${name} credits last ${about}`,
			text: `at this week’s rate. The balance is ${balance}.`
		}
	];
}

function ofEndpoint(endpoint: WebhookEndpoint, name: string, now: number): Matter[] {
	const { failing_since, waiting } = endpoint.health;
	if (!endpoint.enabled || !failing_since) return [];
	const today = now - Date.parse(failing_since) < DAY;
	const since = today ? timeOfDay(failing_since) : date(failing_since);
	return [
		{
			id: endpoint.id,
			kind: 'danger',
			title: `${name} endpoint has failed since ${since}.`,
			text: waiting
				? `${plural(waiting, 'delivery is', 'deliveries are')} waiting.`
				: 'Nothing is waiting.',
			act: { label: 'Open endpoint', path: `/webhooks?endpoint=${endpoint.id}` }
		}
	];
}

type Ending = Key & { expires_at: string };

/** Keys with less than a week to go, the first to end first. */
function endingKeys(keys: Key[], now: number): Ending[] {
	const ends = ({ expires_at: at }: Ending) => Date.parse(at);
	return keys
		.filter((key): key is Ending => key.status === 'active' && key.expires_at !== null)
		.filter((key) => ends(key) - now < SOON * DAY)
		.sort((a, b) => ends(a) - ends(b));
}

function ofKeys(keys: Ending[], nameOf: (slug: string) => string, now: number): Matter[] {
	const [first] = keys;
	if (first && keys.length > MOST_KEYS) {
		return [
			{
				id: 'ends',
				kind: 'ends',
				title: `${plural(keys.length, 'key')} end within 7 days,`,
				text: `the first on ${date(first.expires_at)}.`,
				act: { label: 'Open keys', path: '/keys?status=ending' }
			}
		];
	}
	return keys.map((key) => {
		const days = Math.max(1, Math.ceil((Date.parse(key.expires_at) - now) / DAY));
		return {
			id: key.id,
			kind: 'ends',
			title: `${key.name} on ${nameOf(key.platform)} ends in ${plural(days, 'day')},`,
			text: `on ${date(key.expires_at)}.`,
			act: { label: 'Open key', path: `/keys?key=${key.id}` }
		};
	});
}

/** What needs attention, the worst first. */
export function needsAttention({ now, me, platforms, keys, endpoints, week }: Facts): Matter[] {
	const names = new Map(platforms.map(({ slug, name }) => [slug, name]));
	const nameOf = (slug: string) => names.get(slug) ?? slug;
	const partner: Matter[] = me?.partner.suspended_at
		? [
				{
					id: 'partner',
					kind: 'danger',
					title: 'Your account is suspended.',
					text: 'All its keys are refused. Ask the operator of the platform.'
				}
			]
		: [];
	const all = [
		...partner,
		...endpoints.flatMap((one) => ofEndpoint(one, nameOf(one.platform), now)),
		...platforms.flatMap((one) => ofPlatform(one, week)),
		...ofKeys(endingKeys(keys, now), nameOf, now)
	];
	const order = { danger: 0, warn: 1, ends: 2 };
	return all.sort((a, b) => order[a.kind] - order[b.kind]);
}
