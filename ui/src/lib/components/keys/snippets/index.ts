import type { HeaderScheme, Platform } from '$lib/backend';
import { curl } from './curl';
import { javascript } from './javascript';
import { python } from './python';
import { sampleOf, type Sample } from './request';
import { rust } from './rust';

export type Language = 'curl' | 'python' | 'javascript' | 'rust';
export const LANGUAGES: { value: Language; label: string }[] = [
	{ value: 'curl', label: 'curl' },
	{ value: 'python', label: 'Python' },
	{ value: 'javascript', label: 'JavaScript' },
	{ value: 'rust', label: 'Rust' }
];

const WRITERS: Record<Language, (sample: Sample, uuid: string) => string> = {
	curl,
	python,
	javascript,
	rust
};

/** A header scheme as one reads it: `Authorization: Bearer`. */
export const schemeName = ({ header, prefix }: HeaderScheme) =>
	prefix ? `${header}: ${prefix.trim()}` : header;

/** The platform's sample request in a language, reading the key from its variable. */
export const snippet = (
	language: Language,
	platform: Platform,
	scheme: HeaderScheme,
	uuid: string
): string => WRITERS[language](sampleOf(platform, scheme), uuid);

/** A snippet in pieces: the variable's name apart, so that it can stand out. */
export function pieces(text: string, variable: string): { text: string; variable: boolean }[] {
	return text
		.split(new RegExp(`(\\$?${variable})`))
		.filter(Boolean)
		.map((part) => ({
			text: part,
			variable: part.endsWith(variable) && part.length <= variable.length + 1
		}));
}

/** A fresh UUID, also where `randomUUID` is missing. */
export function freshUuid(): string {
	if (crypto.randomUUID) return crypto.randomUUID();
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
