import type {
	Environment,
	Key,
	KeyKind,
	KeyQuery,
	KeySort,
	KeyStatus,
	Platform
} from '$lib/backend';
import { endsBefore, endsSoon } from './status';

/** Where a key stands, as it can be asked for. */
export type StatusFilter = 'any' | 'ending' | KeyStatus;
export type KindFilter = 'any' | KeyKind;
export type Sorting = { by: KeySort; down: boolean };
export type KeyFilter = {
	text: string;
	environment: Environment | null;
	platform: string | null;
	status: StatusFilter;
	kind: KindFilter;
	/** Null: by platform. */
	sorting: Sorting | null;
};
export type Group = { platform: Platform; summary: string };
export type Line = { group: Group } | { key: Key };

/** What the server is asked for. */
export function askedOf(filter: KeyFilter, now: number): Omit<KeyQuery, 'cursor' | 'limit'> {
	const { text, environment, platform, status, kind, sorting } = filter;
	return {
		environment,
		platform,
		search: text.trim() || null,
		status: status === 'any' ? null : status === 'ending' ? 'active' : status,
		expires_before: status === 'ending' ? endsBefore(now) : null,
		kind: kind === 'any' ? null : kind,
		sort: sorting?.by ?? 'platform',
		descending: sorting?.down ?? false,
		include_revoked: true
	};
}

/** Of the keys that the server gave, those that still fit. */
export const fitting = (keys: Key[], status: StatusFilter, now: number) =>
	status === 'ending' ? keys.filter((key) => endsSoon(key, now)) : keys;

const isGone = ({ status }: Key) => status === 'revoked' || status === 'expired';

/** `2 live, 1 test, 1 revoked` */
export function summarise(keys: Key[], platform: Platform): string {
	const gone = keys.filter(isGone);
	const parts = platform.environments.map((environment) => {
		const count = keys.filter((key) => !isGone(key) && key.environment === environment).length;
		return count > 0 ? `${count} ${environment}` : '';
	});
	if (gone.length > 0) parts.push(`${gone.length} revoked`);
	return parts.filter(Boolean).join(', ');
}

/**
 * Keys that come platform by platform, with a line before each. Only a platform whose keys are all
 * there can be summed up: the last may go on where there is `more`.
 */
export function linesOf(keys: Key[], platforms: Platform[], more: boolean): Line[] {
	const last = keys.at(-1)?.platform;
	return keys.flatMap((key, i): Line[] => {
		const before = keys[i - 1];
		const platform = platforms.find(({ slug }) => slug === key.platform);
		if (before?.platform === key.platform || !platform) return [{ key }];
		const own = keys.filter((one) => one.platform === key.platform);
		const whole = !more || key.platform !== last;
		return [{ group: { platform, summary: whole ? summarise(own, platform) : '' } }, { key }];
	});
}

/** A column is pressed once, again, and a third time: as it is read first, turned round, by platform. */
export function pressed(sorting: Sorting | null, by: KeySort): Sorting | null {
	const first = by === 'last_used';
	if (sorting?.by !== by) return { by, down: first };
	return sorting.down === first ? { by, down: !first } : null;
}
