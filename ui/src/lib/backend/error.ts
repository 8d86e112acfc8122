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

	/**
	 * What is wrong with one field of the request, by its JSON pointer (`/name`), as a sentence
	 * about its subject: the server leaves the subject out where the pointer names it.
	 */
	field(pointer: string, subject: string): string | undefined {
		const detail = this.fields.find((field) => field.pointer === pointer)?.detail;
		if (!detail) return undefined;
		const sentence = /^[a-z]/.test(detail) ? `${subject} ${detail}` : detail;
		return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
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
