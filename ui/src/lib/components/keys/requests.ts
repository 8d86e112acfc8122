import type { Usage } from '$lib/backend';

/** Requests of a whole answer, by key. */
export function requestsByKey(usage: Usage | undefined): Map<string, number> {
	const all = new Map<string, number>();
	for (const { group, requests } of usage?.series ?? []) {
		if (!group) continue;
		const sum = requests.reduce((total, one) => total + one, 0);
		all.set(group, (all.get(group) ?? 0) + sum);
	}
	return all;
}
