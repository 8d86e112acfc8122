import { fullTime, zoneName } from '$lib/format/time';
import { app } from '$lib/state/app.svelte';
import type { Caption } from './picture';

/** What a picture that leaves the app now says of itself. */
export function captionOf(title: string, range: string): Caption {
	const now = Date.now();
	const host = app.state?.server.base_url.replace(/^https?:\/\//, '') ?? '';
	return { title, range, source: `Latchkey, ${host}, ${fullTime(now)} ${zoneName(now)}` };
}
