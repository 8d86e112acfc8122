declare global {
	/** Whether this build carries the stand-in for the desktop app. */
	const __DEMO__: boolean;
}

export {};
