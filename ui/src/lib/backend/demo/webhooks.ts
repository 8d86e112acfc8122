import type { Replay, WebhookEndpoint } from '../bindings';
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
	const replays: Replay[] = [];
	/** A second's worth of a replay, then the next. */
	const goOn = (replay: Replay) => {
		setTimeout(() => {
			if (replay.state !== 'running') return;
			replay.done = Math.min(replay.total, replay.done + replay.per_second);
			if (replay.done === replay.total) {
				replay.state = 'done';
				replay.finished_at = new Date(now()).toISOString();
			} else goOn(replay);
			bus.emit('change', { topic: 'replays', platform: null });
		}, 1000);
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
		createReplay: async (request) => {
			const fits = store.deliveries.filter(
				(one) =>
					(!request.endpoint_id || one.endpoint_id === request.endpoint_id) &&
					(!request.environment || one.environment === request.environment) &&
					(!request.state || one.state === request.state) &&
					one.created_at >= request.from &&
					one.created_at < request.to
			);
			const replay: Replay = {
				id: request.dry_run ? null : demoId('rpl', `${now()}`),
				endpoint_id: request.endpoint_id ?? null,
				platform: request.platform ?? null,
				environment: request.environment ?? null,
				delivery_state: request.state ?? null,
				from: request.from,
				to: request.to,
				total: fits.length,
				done: 0,
				per_second: request.per_second ?? 10,
				state: request.dry_run ? 'counted' : 'running',
				created_at: new Date(now()).toISOString(),
				finished_at: null
			};
			if (!request.dry_run) {
				replays.unshift(replay);
				goOn(replay);
			}
			return replay;
		},
		listReplays: async () => replays,
		cancelReplay: async (id) => {
			const replay = replays.find((one) => one.id === id);
			if (!replay) refuse('not_found', 'This replay is not known here.');
			const finished_at = new Date(now()).toISOString();
			bus.emit('change', { topic: 'replays', platform: null });
			return Object.assign(replay, { state: 'cancelled', finished_at });
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
