type Act = { keys: string; does: string; run: () => void };

const editable =
	'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]';
const GRACE = 1200;

/** What a key press is called: `mod+k`, `?`, `arrowdown`, `f6`, `shift+f6`. */
export function nameOf(event: KeyboardEvent): string {
	const key = event.key.toLowerCase();
	if (event.ctrlKey || event.metaKey) return `mod+${key}`;
	if (event.altKey) return `alt+${key}`;
	return event.shiftKey && key === 'f6' ? 'shift+f6' : key;
}

const isTyping = (target: EventTarget | null) =>
	target instanceof Element && target.matches(editable);

/** Whether the element itself needs this key: arrows in menus and charts, letters while typing. */
const isTaken = (target: EventTarget | null, name: string) =>
	target instanceof Element &&
	name.startsWith('arrow') &&
	target.closest('[role=application],[role=menu],[role=radiogroup],[role=tablist]') !== null;

const dialogIsOpen = () => document.querySelector('[role=dialog],[role=alertdialog]') !== null;

/** The keys that do something now. Screens add theirs while they are shown. */
class Shortcuts {
	/** Whether single letters work; settings can turn them off. */
	letters = $state(true);
	#acts = $state.raw<Act[]>([]);
	#first: { key: string; at: number } | null = null;

	get all(): readonly Act[] {
		return this.#acts;
	}

	/** Adds acts until the answer is called; the last added wins. Keys: `n`, `g o`, `mod+k`, `f6`. */
	add(acts: Act[]): () => void {
		this.#acts = [...this.#acts, ...acts];
		return () => (this.#acts = this.#acts.filter((act) => !acts.includes(act)));
	}

	handle(event: KeyboardEvent) {
		if (event.defaultPrevented || event.isComposing) return;
		const name = nameOf(event);
		const special = name.includes('+') || name === 'f6';
		if (!special && (isTyping(event.target) || isTaken(event.target, name))) return;
		if (dialogIsOpen() && name !== 'mod+k') return;
		const single = name.length === 1;
		if (single && !this.letters && name !== '?') return;
		const act = this.#find(name, event.timeStamp);
		if (!act) return;
		event.preventDefault();
		act.run();
	}

	#find(name: string, at: number): Act | undefined {
		const first = this.#first && at - this.#first.at < GRACE ? this.#first.key : null;
		this.#first = null;
		const acts = [...this.#acts].reverse();
		const second = first && acts.find((act) => act.keys === `${first} ${name}`);
		if (second) return second;
		if (acts.some((act) => act.keys.startsWith(`${name} `))) this.#first = { key: name, at };
		return acts.find((act) => act.keys.split(', ').includes(name));
	}
}

export const shortcuts = new Shortcuts();

/** `mod+k` as this computer writes it: `Ctrl K`, `⌘ K`. */
export function written(keys: string): string[] {
	const mac = globalThis.navigator?.platform?.startsWith('Mac') ?? false;
	const names: Record<string, string> = {
		arrowdown: '↓',
		arrowup: '↑',
		escape: 'Esc',
		mod: mac ? '⌘' : 'Ctrl'
	};
	return keys
		.split(/[ +]|, /)
		.map((key) => names[key] ?? key.charAt(0).toUpperCase() + key.slice(1));
}
