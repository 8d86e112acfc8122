/** Millionths in one credit. */
const PER_CREDIT = 1_000_000;

export type Unit = { name: string; decimals: number };

/** An amount in millionths as `11,204` or `312.00`; a part of a credit is never hidden. */
export function amount(millionths: number, decimals = 0): string {
	const credits = millionths / PER_CREDIT;
	const most = Number.isInteger(credits) ? decimals : Math.max(decimals, 2);
	return credits.toLocaleString('en-GB', {
		minimumFractionDigits: decimals,
		maximumFractionDigits: most
	});
}

/** `11,204 credits`, `312.00 USD` */
export function amountWithUnit(millionths: number, unit: Unit): string {
	const one = Math.abs(millionths) === PER_CREDIT && unit.name.endsWith('s');
	return `${amount(millionths, unit.decimals)} ${one ? unit.name.slice(0, -1) : unit.name}`;
}

/** `Credits`: the unit where it begins a label. */
export const unitLabel = ({ name }: Unit) => name.charAt(0).toUpperCase() + name.slice(1);
