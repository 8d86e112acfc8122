import { wireTime } from '$lib/format/time';
import { backend, type Environment, type Replay } from '$lib/backend';
import { count } from '$lib/format/number';
import { Attempt } from '$lib/state/attempt.svelte';
import { MOST_A_SECOND, SPANS, timeText, typedTime, type Span, type Which } from './replays';

const HOUR = 3_600_000;

/** A range of deliveries that is to be sent again. */
export class RangeReplay {
	span = $state<Span>('day');
	from = $state('');
	to = $state('');
	which = $state<Which>('failed');
	environment = $state<Environment | null>(null);
	rate = $state('10');
	busy = $state(false);
	/** The replay, once it is under way. */
	started = $state.raw<Replay | null>(null);
	readonly endpoint: string;
	#attempt = new Attempt();
	#opened: number;

	#begin = $derived.by(() => this.#time(this.from));
	#end = $derived.by(() => this.#time(this.to));
	fromError = $derived.by(() => this.#wrongTime(this.from));
	toError = $derived.by(() => {
		const [begin, end] = [this.#begin, this.#end];
		const turned = begin && end && end <= begin;
		return turned ? 'Enter a time after the first one.' : this.#wrongTime(this.to);
	});
	rateError = $derived.by(() => {
		const rate = Number(this.rate);
		return Number.isInteger(rate) && rate >= 1 && rate <= MOST_A_SECOND
			? undefined
			: `Enter a whole number from 1 to ${count(MOST_A_SECOND)}.`;
	});
	/** What is asked for; null while it cannot be. */
	wish = $derived.by(() => {
		const range = this.#range();
		if (!range) return null;
		const state = this.which === 'all' ? null : this.which;
		return { endpoint_id: this.endpoint, environment: this.environment, state, ...range };
	});

	constructor(endpoint: string, environment: Environment | null, now: number) {
		this.endpoint = endpoint;
		this.environment = environment;
		this.#opened = now;
		this.from = timeText(now - 24 * HOUR);
		this.to = timeText(now);
	}

	get problem() {
		return this.#attempt.problem;
	}

	#time(text: string) {
		return this.span === 'between' ? typedTime(text) : null;
	}

	#wrongTime(text: string) {
		if (this.span !== 'between' || typedTime(text)) return undefined;
		return `Enter a day and a time, such as ${timeText(this.#opened)}.`;
	}

	#range(): { from: string; to: string } | null {
		if (this.span === 'between') {
			if (!this.#begin || !this.#end || this.toError) return null;
			return { from: this.#begin.toISOString(), to: this.#end.toISOString() };
		}
		const seconds = SPANS.find(({ value }) => value === this.span)?.seconds ?? 0;
		const from = wireTime(this.#opened - seconds * 1000);
		return { from, to: wireTime(this.#opened) };
	}

	/** Sends them again, so many a second. */
	async start() {
		const { wish } = this;
		if (!wish || this.rateError || this.busy) return;
		this.busy = true;
		await this.#attempt.make('Nothing was sent again.', async () => {
			const per_second = Number(this.rate);
			this.started = await backend.createReplay({ ...wish, per_second, dry_run: false });
		});
		this.busy = false;
	}
}
