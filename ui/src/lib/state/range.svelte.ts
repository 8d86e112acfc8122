import { isRange, type RangeName } from './ranges';

/** The range the charts of the overview share; remembered between starts. */
class ChosenRange {
	name = $state<RangeName>('day');

	constructor() {
		const kept = globalThis.localStorage?.getItem('range') ?? null;
		if (isRange(kept)) this.name = kept;
	}

	choose(name: RangeName) {
		this.name = name;
		localStorage.setItem('range', name);
	}
}

export const range = new ChosenRange();
