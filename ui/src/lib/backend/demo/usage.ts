import type { Environment, Usage, UsageQuery, UsageSeries } from '../bindings';
import type { Store } from './data';
import { chance } from './random';

const SECONDS = { minute: 60, quarter_hour: 900, hour: 3600, day: 86_400 };

function series(query: UsageQuery, group: string, environment: Environment, times: number[]) {
	const part = group.startsWith('key_') ? 0.06 : 1;
	const scale = part * (environment === 'live' ? 1 : 0.16) * (SECONDS[query.interval] / 3600) * 110;
	const requests = times.map((time) => {
		const weekend = [0, 6].includes(new Date(time).getDay()) ? 0.75 : 1;
		const wave = 0.8 + 0.3 * Math.sin(time / 7.2e7) + 0.2 * Math.sin(time / 2.1e7);
		const size = 0.6 + chance(group);
		return Math.round(scale * size * weekend * wave * (0.8 + 0.4 * chance(`${group}${time}`)));
	});
	const refused = requests.map((count, i) => Math.round(count * 0.012 * chance(`${group}r${i}`)));
	return {
		environment,
		group,
		requests,
		refused,
		failed: requests.map(() => 0),
		credits: requests.map((count) => (environment === 'live' ? count * 1_000_000 : 0))
	} satisfies UsageSeries;
}

const add = (a: number[], b: number[]) => a.map((value, i) => value + (b[i] ?? 0));

function merge(all: UsageSeries[], environment: Environment, length: number): UsageSeries {
	const zero: number[] = Array.from({ length }, () => 0);
	return all
		.filter((one) => one.environment === environment)
		.reduce<UsageSeries>(
			(sum, one) => ({
				...sum,
				requests: add(sum.requests, one.requests),
				refused: add(sum.refused, one.refused),
				failed: add(sum.failed, one.failed),
				credits: add(sum.credits, one.credits)
			}),
			{ environment, group: null, requests: zero, refused: zero, failed: zero, credits: zero }
		);
}

/** Series added up, live and test apart. */
export function summed(all: UsageSeries[], query: UsageQuery): UsageSeries[] {
	const length = all[0]?.requests.length ?? 0;
	return (['live', 'test'] as const)
		.filter((kind) => !query.environment || kind === query.environment)
		.map((kind) => merge(all, kind, length));
}

type Group = { id: string; platform: string; environments: Environment[] };

const BOTH: Environment[] = ['live', 'test'];

/** What the numbers are invented for: keys, operations, outcomes or platforms. */
function groupsOf(query: UsageQuery, store: Store): Group[] {
	if (query.group_by === 'key' || query.key_id) {
		return store.keys
			.filter((key) => !query.key_id || key.id === query.key_id)
			.map((key) => ({ id: key.id, platform: key.platform, environments: [key.environment] }));
	}
	if (query.group_by === 'operation') {
		return store.platforms.flatMap(({ slug, operations }) =>
			operations.map(({ name }) => ({ id: name, platform: slug, environments: BOTH }))
		);
	}
	if (query.group_by === 'outcome') {
		return ['accepted', 'refused', 'failed'].map((id) => ({
			id,
			platform: query.platform ?? '',
			environments: BOTH
		}));
	}
	return store.platforms.map(({ slug }) => ({ id: slug, platform: slug, environments: BOTH }));
}

/** Invented but steady numbers for every range, platform and key. */
export function demoUsage(query: UsageQuery, store: Store): Usage {
	const step = SECONDS[query.interval] * 1000;
	const times: number[] = [];
	const first = Math.floor(Date.parse(query.from) / step) * step;
	for (let time = first; time < Date.parse(query.to); time += step) times.push(time);

	const all = store.keys.length
		? groupsOf(query, store)
				.filter(({ platform }) => !query.platform || query.platform === platform)
				.flatMap(({ id, environments }) =>
					environments.map((environment) => series(query, id, environment, times))
				)
				.filter((one) => !query.environment || one.environment === query.environment)
		: [];
	const kinds = (['live', 'test'] as const).filter(
		(one) => !query.environment || one === query.environment
	);
	return {
		interval: query.interval,
		timezone: query.timezone ?? 'UTC',
		starts: times.map((time) => new Date(time).toISOString()),
		series: query.group_by ? all : kinds.map((kind) => merge(all, kind, times.length))
	};
}
