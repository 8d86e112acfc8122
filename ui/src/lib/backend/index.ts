/**
 * The only door to the desktop app. To add a call: add the command in Rust, generate the
 * bindings, and it is here under the same name; answers are unwrapped, failures are thrown.
 */
import { commands, events } from './bindings';
import { createDemo } from './demo';
import { BackendError } from './error';

export type * from './bindings';
export { BackendError, toBackendError } from './error';

type Commands = typeof commands;
type Answer<R> = R extends { status: 'ok'; data: infer D }
	? D
	: R extends { status: 'error' }
		? never
		: R;

/** Every command, with its answer unwrapped. */
export type Calls = {
	[K in keyof Commands]: (
		...args: Parameters<Commands[K]>
	) => Promise<Answer<Awaited<ReturnType<Commands[K]>>>>;
};

type Payload<K extends keyof typeof events> = Parameters<
	Parameters<(typeof events)[K]['listen']>[0]
>[0]['payload'];

/** What the app tells the page unasked; each answers with how to stop listening. */
export type Events = {
	[K in keyof typeof events]: (heard: (payload: Payload<K>) => void) => () => void;
};

export type Backend = { calls: Calls; events: Events };

function isResult(answer: unknown): answer is { status: string; data?: unknown; error?: never } {
	return typeof answer === 'object' && answer !== null && ('data' in answer || 'error' in answer);
}

function unwrap(answer: unknown): unknown {
	if (!isResult(answer)) return answer;
	if (answer.status === 'ok') return answer.data;
	if (answer.status === 'error' && answer.error) throw new BackendError(answer.error);
	return answer;
}

function desktop(): Backend {
	const calls = Object.fromEntries(
		Object.entries(commands).map(([name, call]) => [
			name,
			async (...args: unknown[]) =>
				unwrap(await (call as (...args: unknown[]) => Promise<unknown>)(...args))
		])
	);
	const heard = Object.fromEntries(
		Object.entries(events).map(([name, event]) => [
			name,
			(callback: (payload: unknown) => void) => {
				const listening = event.listen(({ payload }: { payload: unknown }) => callback(payload));
				return () => void listening.then((stop) => stop());
			}
		])
	);
	return { calls: calls as Calls, events: heard as Events };
}

const inDesktop = () => typeof window !== 'undefined' && '__TAURI_INTERNALS__' in window;

const chosen: Backend = __DEMO__ && !inDesktop() ? createDemo() : desktop();

export const backend = chosen.calls;
export const heard = chosen.events;
