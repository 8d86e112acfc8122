/** Something that stops keys from working, as it is asked for. */
export type Hurting = {
	title: string;
	/** What stops, and until when. */
	means: string;
	button: string;
	/** That button while it is under way. */
	busy: string;
	/** Has to be typed where it concerns everything. */
	name?: string;
	run: () => Promise<unknown>;
};
