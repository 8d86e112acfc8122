import type { WebhookEndpoint } from '../bindings';
import type { Backend } from '..';
import { refuse, type Demo } from '.';
import { detail } from './data';
import { demoId, last4 } from './random';

export function webhookCalls({ store, bus, now }: Demo) {
	const find = (id: string) =>
		store.endpoints.find((one) => one.id === id) ??
		refuse('not_found', 'This endpoint is not known here.');
	const delivery = (id: string) =>
		store.deliveries.find((one) => one.id === id) ??
		refuse('not_found', 'This delivery is not known here.');
	const told = <T>(answer: T) => {
		bus.emit('change', { topic: 'endpoints', platform: null });
		return answer;
	};
	return {
		listWebhookEndpoints: async () => store.endpoints,
		createWebhookEndpoint: async (request) => {
			if (!/^https?:\/\//.test(request.url))
				refuse('invalid_input', 'Begin the address with https:// or http://.', '/url');
			const made: WebhookEndpoint = {
				id: demoId('whe', request.url),
				platform: request.platform,
				target: request.key_id ? 'key' : 'account',
				key_id: request.key_id ?? null,
				url: request.url,
				events: request.events ?? [],
				enabled: true,
				disabled_reason: null,
				disabled_at: null,
				secret_last4: last4(request.url),
				previous_secret_until: null,
				created_at: new Date(now()).toISOString(),
				health: {
					delivered: 0,
					failed: 0,
					waiting: 0,
					p95_ms: null,
					failing_since: null,
					hourly: Array.from({ length: 24 }, () => ({ succeeded: 0, failed: 0 }))
				},
				version: 1
			};
			store.endpoints.unshift(made);
			return told(made);
		},
		updateWebhookEndpoint: async (id, _version, change) => {
			const { url, events, enabled } = change;
			if (url != null) find(id).url = url;
			if (events != null) find(id).events = events;
			if (enabled != null) {
				Object.assign(find(id), {
					enabled,
					disabled_reason: enabled ? null : 'by_member',
					disabled_at: enabled ? null : new Date(now()).toISOString()
				});
			}
			return told(find(id));
		},
		deleteWebhookEndpoint: async (id) => {
			store.endpoints = store.endpoints.filter((one) => one.id !== id);
			return told(null);
		},
		testWebhookEndpoint: async (id) => {
			const to = find(id);
			const sent = {
				id: demoId('dlv', `${now()}`),
				endpoint_id: id,
				platform: to.platform,
				environment: 'test' as const,
				event_id: demoId('evt', `${now()}`),
				event_type: 'test.ping',
				url: to.url ?? '',
				state: 'delivered' as const,
				created_at: new Date(now()).toISOString(),
				attempts: 1,
				last_attempt_at: new Date(now()).toISOString(),
				next_attempt_at: null,
				last_status: 200,
				last_error: null,
				last_duration_ms: 41
			};
			store.deliveries.unshift(sent);
			bus.emit('change', { topic: 'deliveries', platform: to.platform });
			return sent;
		},
		copyWebhookSecret: async () => {
			const state = {
				clears_at: new Date(Date.now() + 45_000).toISOString(),
				seconds_left: 45
			};
			bus.emit('clipboard', state);
			return state;
		},
		revealWebhookSecret: async (id) => `whsec_demoDEMOdemoDEMOdemoDEMO${find(id).secret_last4}`,
		rotateWebhookSecret: async (id, { overlap_seconds }) => {
			const overlap = overlap_seconds ?? 86_400;
			const until = new Date(now() + overlap * 1000).toISOString();
			Object.assign(find(id), {
				secret_last4: last4(`${id}${now()}`),
				previous_secret_until: overlap > 0 ? until : null
			});
			return told(find(id));
		},
		listDeliveries: async (query) => {
			const all = store.deliveries.filter(
				(one) =>
					(!query.endpoint_id || one.endpoint_id === query.endpoint_id) &&
					(!query.platform || one.platform === query.platform) &&
					(!query.environment || one.environment === query.environment) &&
					(!query.state || one.state === query.state)
			);
			const start = Number(query.cursor ?? 0);
			const end = start + (query.limit ?? 50);
			return { data: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
		},
		getDelivery: async (id) => detail(delivery(id)),
		replayDelivery: async (id) => {
			Object.assign(delivery(id), { state: 'delivered', last_status: 200, next_attempt_at: null });
			bus.emit('change', { topic: 'deliveries', platform: null });
			return delivery(id);
		}
	} satisfies Partial<Backend['calls']>;
}
