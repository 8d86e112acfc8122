import { createQuery } from '@tanstack/svelte-query';
import { backend, type CreateReplay, type DeliveryState, type Replay } from '$lib/backend';
import { count, plural } from '$lib/format/number';
import { span } from '$lib/format/time';

export type Span = 'hour' | 'day' | 'week' | 'between';
export const SPANS: { value: Span; label: string; seconds: number }[] = [
	{ value: 'hour', label: 'Last hour', seconds: 3600 },
	{ value: 'day', label: 'Last 24 hours', seconds: 86_400 },
	{ value: 'week', label: 'Last 7 days', seconds: 604_800 },
	{ value: 'between', label: 'Between two times', seconds: 0 }
];

export type Which = 'all' | DeliveryState;
export const WHICH: { value: Which; label: string }[] = [
	{ value: 'failed', label: 'Given up' },
	{ value: 'waiting', label: 'Waiting' },
	{ value: 'delivered', label: 'Delivered' },
	{ value: 'all', label: 'All' }
];

export const MOST_A_SECOND = 1000;

/** A time as it is typed, `2026-11-22 12:00`, here; null where it is none. */
export function typedTime(text: string): Date | null {
	const [, day, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})$/.exec(text.trim()) ?? [];
	if (!day || !time) return null;
	const at = new Date(`${day}T${time.padStart(5, '0')}`);
	return Number.isNaN(at.getTime()) ? null : at;
}

/** A moment as it is typed. */
export function timeText(at: number): string {
	const time = new Date(at);
	const two = (part: number) => String(part).padStart(2, '0');
	const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
	return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

type Wish = Pick<CreateReplay, 'endpoint_id' | 'environment' | 'state' | 'from' | 'to'>;

/** How many deliveries a replay would send; nothing is sent. */
export const countQuery = (wish: () => Wish | null) =>
	createQuery(() => ({
		queryKey: ['deliveries', 'range', wish()],
		queryFn: () => backend.createReplay({ ...(wish() as Wish), dry_run: true }),
		enabled: wish() !== null
	}));

export const replaysQuery = () =>
	createQuery(() => ({ queryKey: ['replays'], queryFn: () => backend.listReplays() }));

/** How far a replay is: `120 of 412 sent, about 29 s to go`. */
export function progressOf({ state, done, total, per_second }: Replay): string {
	const sent = `${count(done)} of ${count(total)} sent`;
	if (state === 'running') {
		const left = Math.ceil((total - done) / Math.max(1, per_second));
		return `${sent}, about ${span(left)} to go`;
	}
	if (state === 'cancelled') return `Stopped: ${sent}`;
	if (done < total) {
		return `${sent}; the others were settled meanwhile, or their endpoint is off`;
	}
	return `${plural(done, 'delivery', 'deliveries')} sent again`;
}

/** The replay that is under way on an endpoint. */
export const runningOn = (replays: Replay[] | undefined, endpoint: string) =>
	replays?.find(({ state, endpoint_id: of }) => state === 'running' && (!of || of === endpoint));
