import type { Key, Platform } from '$lib/backend';
import { date } from '$lib/format/time';
import { limitsOf } from './limits';

export type KeyChange = { what: string; before: string; now: string };

const list = (texts: string[], none: string) => texts.join(', ') || none;

/** What can be changed of a key, in words. */
function facts(key: Key, platform: Platform): [what: string, value: string][] {
	return [
		['Name', key.name],
		['Status', key.paused_at ? 'paused' : key.status],
		['May do', list(key.scopes, 'nothing')],
		...limitsOf(platform).map(({ name, label, written, usual }): [string, string] => {
			const own = key[name];
			return [label, own === null ? (usual ?? 'no limit') : written(own)];
		}),
		['Addresses', list(key.ip_rules, 'everywhere')],
		['Ends', key.expires_at ? date(key.expires_at) : 'never']
	];
}

/** What somebody else has changed of a key. */
export function changesOf(shown: Key, now: Key, platform: Platform): KeyChange[] {
	const after = new Map(facts(now, platform));
	return facts(shown, platform).flatMap(([what, before]) => {
		const is = after.get(what) ?? '';
		return is === before ? [] : [{ what, before, now: is }];
	});
}
