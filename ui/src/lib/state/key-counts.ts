import type { Environment, KeyCount } from '$lib/backend';

type Which = { platform?: string | null; environment?: Environment | null };

const fits = (count: KeyCount, { platform, environment }: Which) =>
	(!platform || count.platform === platform) && (!environment || count.environment === environment);

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

/** All keys that a list shows, revoked ones too. */
export const keyTotal = (counts: KeyCount[], which: Which = {}) =>
	sum(counts.filter((one) => fits(one, which)).map(({ kept, revoked }) => kept + revoked));

/** Keys that are not revoked. */
export const keysKept = (counts: KeyCount[], which: Which) =>
	sum(counts.filter((one) => fits(one, which)).map(({ kept }) => kept));
