import type { Events } from '..';

type Name = keyof Events;
type Payload<K extends Name> = Parameters<Parameters<Events[K]>[0]>[0];

export type Bus = {
	events: Events;
	emit: <K extends Name>(name: K, payload: Payload<K>) => void;
};

/** Events as the desktop app would send them. */
export function demoEvents(): Bus {
	const hearers = new Map<Name, Set<(payload: never) => void>>();
	const on = (name: Name) => (heard: (payload: never) => void) => {
		const all = hearers.get(name) ?? new Set();
		hearers.set(name, all.add(heard));
		return () => void all.delete(heard);
	};
	const names: Name[] = ['change', 'connection', 'keychain', 'clipboard', 'signedOut', 'keyStep'];
	return {
		events: Object.fromEntries(names.map((name) => [name, on(name)])) as unknown as Events,
		emit: (name, payload) => hearers.get(name)?.forEach((heard) => heard(payload as never))
	};
}
