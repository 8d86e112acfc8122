import type { Environment, Key, Platform } from '$lib/backend';
import { endsSoon } from './status';

export type StatusFilter = 'any' | 'active' | 'ending' | 'paused' | 'gone';
export type KeyFilter = {
	text: string;
	environment: Environment | null;
	platform: string | null;
	status: StatusFilter;
};
export type Group = { platform: Platform; keys: Key[]; summary: string };
export type Line = { group: Group } | { key: Key };

const STATUSES: Record<StatusFilter, (key: Key, now: number) => boolean> = {
	any: () => true,
	active: ({ status }) => status === 'active',
	ending: endsSoon,
	paused: ({ status }) => status === 'paused',
	gone: ({ status }) => status === 'revoked' || status === 'expired'
};

/** The keys that fit: by name, last four or id. */
export function filterKeys(keys: Key[], filter: KeyFilter, now: number): Key[] {
	const text = filter.text.trim().toLowerCase();
	return keys.filter(
		(key) =>
			(!filter.environment || key.environment === filter.environment) &&
			(!filter.platform || key.platform === filter.platform) &&
			STATUSES[filter.status](key, now) &&
			(!text ||
				key.name.toLowerCase().includes(text) ||
				key.last4.toLowerCase().includes(text) ||
				key.id.toLowerCase() === text)
	);
}

/** `2 live, 1 test, 1 revoked` */
export function summarise(keys: Key[], platform: Platform): string {
	const gone = keys.filter(({ status }) => status === 'revoked' || status === 'expired');
	const left = keys.filter((key) => !gone.includes(key));
	const parts = platform.environments.map((environment) => {
		const count = left.filter((key) => key.environment === environment).length;
		return count > 0 ? `${count} ${environment}` : '';
	});
	if (gone.length > 0) parts.push(`${gone.length} revoked`);
	return parts.filter(Boolean).join(', ');
}

/** Platform by platform, in the platforms' order; the newest key first. */
export function groupKeys(keys: Key[], platforms: Platform[]): Group[] {
	return platforms
		.map((platform) => {
			const own = keys.filter((key) => key.platform === platform.slug);
			return { platform, keys: own, summary: summarise(own, platform) };
		})
		.filter((group) => group.keys.length > 0);
}

/** Groups and their keys as one list of lines. */
export const linesOf = (groups: Group[]): Line[] =>
	groups.flatMap((group) => [{ group }, ...group.keys.map((key) => ({ key }))]);
