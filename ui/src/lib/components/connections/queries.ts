import { createQuery, useQueryClient } from '@tanstack/svelte-query';
import { backend } from '$lib/backend';

export const CONNECTIONS = ['connections'];
export const DASHBOARDS = ['dashboards'];

/** What a dashboard answered, by its id. */
export const answersOf = (id: string) => ['dashboard', id];

/** The platforms whose dashboards can be connected; the app knows them without asking anybody. */
export const dashboardPlatformsQuery = () =>
	createQuery(() => ({
		queryKey: ['dashboard-platforms'],
		queryFn: () => backend.listDashboardPlatforms()
	}));

export const dashboardsQuery = () =>
	createQuery(() => ({ queryKey: DASHBOARDS, queryFn: () => backend.listDashboards() }));

/**
 * Asks a dashboard each time it is opened, for nothing tells of its changes; how that went is noted
 * with the connection.
 */
function answerQuery<T>(key: () => string[], ask: () => Promise<T>) {
	const client = useQueryClient();
	return createQuery(() => ({
		queryKey: ['dashboard', ...key()],
		queryFn: () => ask().finally(() => void client.invalidateQueries({ queryKey: DASHBOARDS })),
		refetchOnMount: 'always' as const,
		retry: false
	}));
}

export const dashboardKeysQuery = (id: () => string) =>
	answerQuery(
		() => [id(), 'keys'],
		() => backend.listDashboardKeys(id())
	);

export const dashboardWebhookQuery = (id: () => string, key: () => string) =>
	answerQuery(
		() => [id(), 'webhook', key()],
		() => backend.getDashboardWebhook(id(), key())
	);

export const dashboardUsageQuery = (id: () => string) =>
	answerQuery(
		() => [id(), 'usage'],
		() => backend.getDashboardUsage(id())
	);

export const dashboardTopUpQuery = (id: () => string) =>
	answerQuery(
		() => [id(), 'top-up'],
		() => backend.getDashboardTopUp(id())
	);
