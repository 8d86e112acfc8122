/** Pixels: a small plot's name, the least a small plot takes, the space between two. */
const NAME = 22;
const LEAST = 70;
const GAP = 8;
/** What stands around a plot's lines: its labels and its top. */
const AROUND = 32;
/** From this width on the small plots stand beside the large one. */
const BESIDE = 1200;

/** Small plots beside each other in the column of credits. */
export const columnsOf = (platforms: number) => (platforms > 2 ? 2 : 1);

const rowsOf = (platforms: number) => Math.ceil(platforms / columnsOf(platforms));

/** How high the plots are in a window of this size, in pixels; as high as all that stand beside. */
export function plotHeight(width: number, height: number, platforms = 1): number {
	const own =
		width >= 1680
			? Math.round(Math.min(480, Math.max(240, height * 0.34)))
			: height <= 700
				? 152
				: 200;
	if (platforms < 2 || width < BESIDE) return own;
	const rows = rowsOf(platforms);
	return Math.max(own, rows * (NAME + LEAST) + (rows - 1) * GAP - AROUND);
}

/** How high the table is that stands for all small plots, as high as the one beside it. */
export const tableHeight = (height: number) => height + AROUND;

/** How high each small plot is, so that all rows are as high as the plot beside them. */
export function smallPlot(platforms: number, height: number): number {
	const rows = rowsOf(platforms);
	const each = Math.floor((height + AROUND - GAP * (rows - 1)) / rows) - NAME;
	return Math.min(160, Math.max(LEAST, each));
}
