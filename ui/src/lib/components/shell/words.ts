import type { KeychainState } from '$lib/backend';

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The keychain's state under its local name. */
export function keychainWords(state: KeychainState, name: string): string {
	const words: Record<KeychainState, string> = {
		present: 'unlocked',
		locked: 'locked',
		absent: 'not found',
		slow: 'not answering'
	};
	return `${capital(name)} ${words[state]}`;
}

/** What an unavailable keychain means, and the remedy. */
export function keychainRemedy(
	state: KeychainState,
	name: string
): { title: string; next: string } {
	const usable = 'Keys stay usable until you close Latchkey; nothing is written elsewhere.';
	if (state === 'locked') {
		return { title: `The ${name} is locked.`, next: `${usable} Unlock it to keep new keys.` };
	}
	if (state === 'slow') {
		return {
			title: `The ${name} does not answer.`,
			next: `${usable} Look for a prompt behind this window.`
		};
	}
	return {
		title: `This computer offers no ${name}.`,
		next: `${usable} Install and start a Secret Service, such as gnome-keyring.`
	};
}
