/** The same numbers for the same text, between 0 and 1: the stand-in looks alike every time. */
export function chance(text: string): number {
	let hash = 2166136261;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 2246822519);
	hash ^= hash >>> 13;
	return (hash >>> 0) / 4294967296;
}

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const letters = (alphabet: string, text: string, length: number) =>
	Array.from(
		{ length },
		(_, i) => alphabet[Math.floor(chance(`${text}/${i}`) * alphabet.length)]
	).join('');

export const demoId = (prefix: string, text: string) =>
	`${prefix}_01KAP${letters(BASE32, prefix + text, 21)}`;
export const last4 = (text: string) => letters(BASE62, text, 4);
