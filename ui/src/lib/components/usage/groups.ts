import type { Key, Platform, UsageGroup } from '$lib/backend';

export const GROUPS: { value: UsageGroup | 'none'; label: string }[] = [
	{ value: 'none', label: 'Not grouped' },
	{ value: 'platform', label: 'By platform' },
	{ value: 'key', label: 'By key' },
	{ value: 'operation', label: 'By operation' },
	{ value: 'outcome', label: 'By outcome' }
];

/** The title of what is told apart. */
export const GROUP_TITLES: Record<UsageGroup, string> = {
	platform: 'By platform',
	key: 'By key',
	operation: 'By operation',
	outcome: 'By outcome'
};

const OUTCOMES: Record<string, string> = {
	accepted: 'Accepted',
	refused: 'Refused',
	failed: 'Failed'
};

/** What a group is called, and whose it is where that is worth saying. */
export function groupName(
	by: UsageGroup,
	group: string,
	platforms: Platform[],
	keys: ReadonlyMap<string, Key> = new Map()
): { name: string; of: string | null } {
	const platformName = (slug: string | undefined) =>
		platforms.find((platform) => platform.slug === slug)?.name ?? slug ?? null;
	switch (by) {
		case 'platform':
			return { name: platformName(group) ?? group, of: null };
		case 'key': {
			const key = keys.get(group);
			return key
				? { name: key.name, of: platformName(key.platform) }
				: { name: group || 'No key', of: null };
		}
		case 'operation': {
			const owners = platforms.filter(({ operations }) =>
				operations.some(({ name }) => name === group)
			);
			const [only] = owners;
			const title = only?.operations.find(({ name }) => name === group)?.title;
			return {
				name: title ?? (group || 'No operation'),
				of: owners.length === 1 ? (only?.name ?? null) : null
			};
		}
		case 'outcome':
			return { name: OUTCOMES[group] ?? group, of: null };
	}
}

/** `3 others`: what the last plot sums. */
export const othersName = (groups: number, by: UsageGroup) =>
	`${groups} other ${by === 'key' ? 'keys' : by === 'platform' ? 'platforms' : `${by}s`}`;
