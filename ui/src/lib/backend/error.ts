import type { AppError } from './bindings';

/** A call the app or the server turned down: `code` is what programs branch on. */
export class BackendError extends Error {
	readonly code: string;
	readonly fields: { pointer: string; detail: string }[];
	readonly requestId: string | null;

	constructor(error: AppError) {
		super(error.message);
		this.name = 'BackendError';
		this.code = error.code;
		this.fields = error.fields ?? [];
		this.requestId = error.request_id ?? null;
	}

	/** What is wrong with one field of the request, by its JSON pointer (`/name`). */
	field(pointer: string): string | undefined {
		return this.fields.find((field) => field.pointer === pointer)?.detail;
	}
}

const isAppError = (cause: unknown): cause is AppError =>
	typeof cause === 'object' && cause !== null && 'code' in cause && 'message' in cause;

/** Any failure as a `BackendError`, so that screens handle one kind. */
export function toBackendError(cause: unknown): BackendError {
	if (cause instanceof BackendError) return cause;
	if (isAppError(cause)) return new BackendError(cause);
	const message = cause instanceof Error ? cause.message : 'The app did not answer.';
	return new BackendError({ code: 'internal', message, fields: [], request_id: null });
}
