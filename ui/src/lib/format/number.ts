const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `12,480` */
export const count = (value: number) => whole.format(value);

/** `1 key`, `12 keys` */
export const plural = (value: number, one: string, many = `${one}s`) =>
	`${count(value)} ${value === 1 ? one : many}`;

/** `0.4 %`; an en dash where there is nothing to take a share of. */
export function share(part: number, all: number): string {
	if (all === 0) return '–';
	const percent = (part / all) * 100;
	if (percent === 0 || percent === 100) return `${percent} %`;
	if (percent < 0.1) return '< 0.1 %';
	if (percent > 99.9) return '> 99.9 %';
	return `${percent.toFixed(1)} %`;
}

/** Milliseconds as `211 ms` or `10.0 s`. */
export const duration = (ms: number) =>
	ms < 1000 ? `${count(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** Bytes as `148 bytes` or `2.1 kB`. */
export const size = (bytes: number) =>
	bytes < 1000 ? plural(bytes, 'byte') : `${(bytes / 1000).toFixed(1)} kB`;
