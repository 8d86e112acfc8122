export type Ends = 'never' | '30' | '90' | '365';

/** When a new key may end. */
export const ENDS: { value: Ends; label: string }[] = [
	{ value: 'never', label: 'Never ends' },
	{ value: '30', label: 'Ends in 30 days' },
	{ value: '90', label: 'Ends in 90 days' },
	{ value: '365', label: 'Ends in a year' }
];

const DAY = 86_400_000;

/** The time at which a key made now ends; null for never. */
export const endsAt = (ends: Ends, now: number): string | null =>
	ends === 'never' ? null : new Date(now + Number(ends) * DAY).toISOString();
