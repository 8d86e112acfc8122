import type { Custody } from '$lib/backend';
import { timeOfDay } from '$lib/format/time';

export type Kept = {
	good: boolean;
	/** Nothing is wrong: the key is of no use, and its entry went with it. */
	gone?: boolean;
	title: string;
	note: string;
	/** Why the key cannot be copied here; undefined when it can. */
	noCopy?: string;
};

/** What this computer holds of a key that is of no use any more. */
export const goneWords = (keychain: string): Kept => ({
	good: false,
	gone: true,
	title: 'Not on this computer',
	note: `A key that is revoked or has ended is not kept in the ${keychain}.`
});

/** What this computer holds of a key, in words. */
export function custodyWords(custody: Custody, keychain: string): Kept {
	switch (custody.state) {
		case 'kept':
			return {
				good: true,
				title: `Kept in the ${keychain}`,
				note: custody.compared_at
					? `Compared with the server at ${timeOfDay(custody.compared_at)}. They match.`
					: ''
			};
		case 'session_only':
			return {
				good: false,
				title: 'In memory until you close Latchkey',
				note: `Nothing is written elsewhere. Unlock the ${keychain} to keep it.`
			};
		case 'differs':
			return {
				good: false,
				title: `The ${keychain} holds something else`,
				note: 'It does not match what the server knows, so it is not copied.',
				noCopy: `The ${keychain} holds something that is not this key.`
			};
		case 'unavailable':
			return {
				good: false,
				title: `The ${keychain} is not available`,
				note: 'Latchkey cannot see whether it holds this key.',
				noCopy: `The ${keychain} is ${custody.keychain === 'locked' ? 'locked' : 'not available'}.`
			};
		default:
			return {
				good: false,
				title: 'Not on this computer',
				note: 'The server keeps only a fingerprint and cannot show it again.',
				noCopy: 'This computer does not hold this key.'
			};
	}
}
