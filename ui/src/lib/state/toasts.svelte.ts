export type Toast = { id: number; text: string };

/** Shown for six seconds, longer while a pointer or the focus rests on them. */
class Toasts {
	all = $state<Toast[]>([]);
	#next = 1;

	say(text: string) {
		this.all.push({ id: this.#next++, text });
		if (this.all.length > 3) this.all.shift();
	}

	dismiss(id: number) {
		this.all = this.all.filter((toast) => toast.id !== id);
	}
}

export const toasts = new Toasts();
