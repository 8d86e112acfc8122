import type { BackendError } from '$lib/backend';

/** As many as the server takes. */
export const MOST_RULES = 50;

/** What is wrong with lines, by their id. */
export type LineErrors = Partial<Record<number, string>>;

type Line = { id: number; text: string };

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
	add(text = ''): number {
		const id = this.#next++;
		this.lines.push({ id, text });
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
		const more = rest.map((one) => ({ id: this.#next++, text: one }));
		this.lines.splice(at + 1, 0, ...more);
	}

	/** The rules to send, of which errors are told by their place in the list. */
	take(): string[] {
		this.#sent = this.lines.filter(({ text }) => text.trim()).map(({ id }) => id);
		return [...this.rules];
	}

	/** What the server says of each line, by the line's id. */
	errors(problem: BackendError | null | undefined): LineErrors {
		const found = this.#sent.flatMap((id, i): [number, string][] => {
			const error = problem?.field(`/ip_rules/${i}`, 'This');
			return error ? [[id, error]] : [];
		});
		return Object.fromEntries(found);
	}
}
