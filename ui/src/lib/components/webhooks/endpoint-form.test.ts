import { QueryClient } from '@tanstack/svelte-query';
import { describe, expect, it } from 'vitest';
import { backend, type WebhookEndpoint } from '$lib/backend';
import { EndpointActs } from './acts.svelte';
import { EndpointForm } from './endpoint-form.svelte';
import { WebhooksScreen } from './screen.svelte';
import { SecretView } from './secret.svelte';
import { DeliveryRows } from './table.svelte';

const platforms = await backend.listPlatforms();
const endpoints = await backend.listWebhookEndpoints();
const own = endpoints.find(({ target }) => target === 'account') as WebhookEndpoint;

describe('the form of an endpoint', () => {
	it('asks for an address before it asks the server', async () => {
		const form = new EndpointForm(platforms);
		expect(await form.submit()).toBeNull();
		expect(form.urlError).toContain('https://example.com/webhooks');
	});

	it('shows at the field what the server refuses', async () => {
		const form = new EndpointForm(platforms);
		form.url = 'ftp://hooks.example';
		expect(await form.submit()).toBeNull();
		expect(form.urlError).toContain('https://');
		expect(form.rest).toBeNull();
		expect(form.url).toBe('ftp://hooks.example');
	});

	it('begins with all events, and needs one', async () => {
		const form = new EndpointForm(platforms, null, own.platform);
		expect(form.events).toEqual(['image.completed', 'image.failed']);
		form.url = 'https://hooks.example/all';
		form.events.forEach((name) => form.toggle(name));
		expect(await form.submit()).toBeNull();
		expect(form.eventsError).toBe('Choose at least one event.');
	});

	it('begins with what the endpoint has', () => {
		const form = new EndpointForm(platforms, { ...own, events: ['image.failed'] });
		expect(form.url).toBe(own.url);
		expect(form.events).toEqual(['image.failed']);
	});
});

describe('acts', () => {
	const withList = () => {
		const client = new QueryClient();
		client.setQueryData(['endpoints'], [own]);
		return { client, acts: new EndpointActs(client) };
	};
	const list = (client: QueryClient) => client.getQueryData<WebhookEndpoint[]>(['endpoints']);

	it('show a change at once', async () => {
		const { client, acts } = withList();
		expect(await acts.update(own, { enabled: false }, 'no')).toBe(true);
		expect(list(client)?.[0]?.enabled).toBe(false);
		await acts.update(own, { enabled: true }, 'no');
	});

	it('keep the reason of a refusal until the next act', async () => {
		const { acts } = withList();
		expect(await acts.update({ ...own, id: 'whe_none' }, { enabled: false }, 'It stays on.')).toBe(
			false
		);
		expect(acts.problem?.title).toBe('It stays on.');
		expect(acts.problem?.error.code).toBe('not_found');
	});

	it('stop replaying at the first refusal', async () => {
		const { acts } = withList();
		expect(await acts.replay([{ id: 'dlv_none' }, { id: 'dlv_other' }])).toBe(false);
		expect(acts.replaying).toBeNull();
		expect(acts.problem?.title).toBe('Not everything was sent again.');
	});
});

describe('the screen', () => {
	it('shows what is failing first, and follows the filter of platforms', () => {
		let only: string | null = null;
		const failing = {
			...own,
			id: 'whe_9',
			health: { ...own.health, failing_since: own.created_at }
		};
		const screen = new WebhooksScreen({
			platforms: () => platforms,
			endpoints: () => [...endpoints, failing],
			only: () => only,
			named: () => null
		});
		expect(screen.current?.id).toBe('whe_9');
		expect(screen.full).toContain('all the endpoints it allows');
		only = 'nobody';
		const other = new WebhooksScreen({
			platforms: () => platforms,
			endpoints: () => endpoints,
			only: () => only,
			named: () => null
		});
		expect(other.barren).toBe(true);
	});
});

describe('the secret', () => {
	it('is seen only while it is revealed', async () => {
		const secret = new SecretView(own.id);
		await secret.toggle();
		expect(secret.shown).toContain(own.secret_last4);
		await secret.toggle();
		expect(secret.shown).toBeNull();
		expect(await secret.copy()).toBe(true);
		expect(secret.shown).toBeNull();
	});
});

describe('rows of deliveries', () => {
	it('open below their row, and move by keys within bounds', async () => {
		const { data } = await backend.listDeliveries({
			endpoint_id: own.id,
			platform: null,
			environment: null,
			state: null,
			cursor: null,
			limit: 3
		});
		const rows = new DeliveryRows(() => data);
		const [first, second] = data;
		expect(rows.current).toBe(first?.id);
		expect(rows.step(-1)).toBe(first?.id);
		expect(rows.step(1)).toBe(second?.id);
		rows.toggle(second?.id ?? '');
		expect(rows.items.map(({ kind }) => kind)).toEqual(['row', 'row', 'attempts', 'row']);
		rows.toggle(second?.id ?? '');
		expect(rows.items).toHaveLength(3);
	});
});
