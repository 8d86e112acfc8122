/** Depths of a cut, from shallow to deep. */
const DEPTHS = [8.8, 10.1, 11.5, 12.8];
/** Where the five cuts end, from the tip to the bow. */
const ENDS = [35, 29.9, 24.8, 19.7, 14.6];
const STARTS = [39.2, 34.1, 29, 23.9, 18.8];

/** Five depths from a key's id; never from the key itself or its digest. */
export function cuts(id: string): number[] {
	let hash = 2166136261;
	for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
	hash ^= hash >>> 13;
	return STARTS.map((_, i) => DEPTHS[(hash >>> (i * 5)) & 3] ?? 8.8);
}

/** The outline of a key: round bow, blade with five cuts. */
export function outline(id: string): string {
	const blade = cuts(id).map((depth, i) => `L${STARTS[i]} ${depth}h-3.2L${ENDS[i]} 8`);
	return `M6.6 4.7a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 0 0 0-4.4M12.2 9A6 6 0 1 1 12.2 4.5H38.4L40.5 6.6${blade.join('')}L12.2 9Z`;
}
