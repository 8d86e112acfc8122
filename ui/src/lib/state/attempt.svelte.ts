import { toBackendError, type BackendError } from '$lib/backend';

/** Acts that the server may refuse: what was not done and why stays until the next act. */
export class Attempt {
	problem = $state.raw<{ title: string; error: BackendError } | null>(null);
	#refused: (error: BackendError) => void;

	/** `refused` is told of every failure: somebody else may have changed what is shown. */
	constructor(refused: (error: BackendError) => void = () => undefined) {
		this.#refused = refused;
	}

	/** Whether it went well. `title` says what was not done where it did not. */
	async make(title: string, act: () => Promise<unknown>): Promise<boolean> {
		this.problem = null;
		try {
			await act();
			return true;
		} catch (cause) {
			const error = toBackendError(cause);
			this.problem = { title, error };
			this.#refused(error);
			return false;
		}
	}
}
