import { createQuery } from '@tanstack/svelte-query';
import { backend, type Session } from '$lib/backend';

export const sessionsQuery = () =>
	createQuery(() => ({ queryKey: ['sessions'], queryFn: () => backend.listSessions() }));

/** This session first, then the one used last. */
export const inOrder = (sessions: Session[]): Session[] =>
	[...sessions].sort(
		(a, b) =>
			Number(b.current) - Number(a.current) ||
			Date.parse(b.last_used_at) - Date.parse(a.last_used_at)
	);

/** What a session is called: the program that signed in, and from where. */
export const sessionName = ({ user_agent: agent }: Session): string =>
	agent?.trim() || 'An unnamed program';
