import type { BackendError } from '$lib/backend';

/** As many as the server takes for a key. */
export const MOST_RULES = 50;

/** What is wrong with lines, by their id. */
export type LineErrors = Partial<Record<number, string>>;

/** What a line may say beside its rule; a key's rules say nothing else. */
type Beside = { note: string; active: boolean };
type Line = Beside & { id: number; text: string };

const NOTHING: Beside = { note: '', active: true };

/** Addresses and networks as they are typed, one a line. */
export class AddressLines {
	lines = $state<Line[]>([]);
	/** The lines' ids as they were sent: the server counts what it got, not what is typed now. */
	#sent: number[] = [];
	#next = 0;

	/** The lines that hold something. */
	rules = $derived(this.lines.map(({ text }) => text.trim()).filter(Boolean));

	constructor(rules: string[] = []) {
		for (const rule of rules) this.add(rule);
	}

	/** The new line's id. */
	add(text = '', { note, active }: Beside = NOTHING): number {
		const id = this.#next++;
		this.lines.push({ id, text, note, active });
		return id;
	}

	remove(id: number) {
		this.lines = this.lines.filter((line) => line.id !== id);
	}

	/** Several lines at once, from where they were copied. */
	paste(id: number, text: string) {
		const [first = '', ...rest] = text.split(/[\s,;]+/).filter(Boolean);
		const at = this.lines.findIndex((line) => line.id === id);
		const line = this.lines[at];
		if (!line) return;
		line.text = first;
		const more = rest.map((one) => ({ ...NOTHING, id: this.#next++, text: one }));
		this.lines.splice(at + 1, 0, ...more);
	}

	/** The lines to send, of which errors are told by their place in the list. */
	takeLines(): (Beside & { rule: string })[] {
		const sent = this.lines.filter(({ text }) => text.trim());
		this.#sent = sent.map(({ id }) => id);
		return sent.map(({ text, note, active }) => ({ rule: text.trim(), note: note.trim(), active }));
	}

	/** The same where a line is nothing but its rule. */
	take(): string[] {
		return this.takeLines().map(({ rule }) => rule);
	}

	/** What the server says of each line, by the line's id; `pointer` is where a line is to be found. */
	errors(
		problem: BackendError | null | undefined,
		pointer = (place: number) => `/ip_rules/${place}`
	): LineErrors {
		const found = this.#sent.flatMap((id, place): [number, string][] => {
			const error = problem?.field(pointer(place), 'This');
			return error ? [[id, error]] : [];
		});
		return Object.fromEntries(found);
	}
}
