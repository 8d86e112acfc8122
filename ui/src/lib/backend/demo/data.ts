import type {
	AppState,
	Delivery,
	DeliveryDetail,
	Environment,
	Key,
	Platform,
	WebhookEndpoint
} from '../bindings';
import { chance, demoId, last4 } from './random';

export type Scenario = {
	amount: 'empty' | 'some' | 'much';
	offline: boolean;
	failing: boolean;
	keychain: AppState['keychain'];
	signedIn: boolean;
	hasAccount: boolean;
	serverDown: boolean;
	/** Whether the sample data is looked around in. */
	sample: boolean;
	/** Whether the session ends by itself a moment later. */
	ending: boolean;
	/** Milliseconds before each answer. */
	latency: number;
};

const DEFAULTS: Scenario = {
	amount: 'some',
	offline: false,
	failing: false,
	keychain: 'present',
	signedIn: true,
	hasAccount: true,
	serverDown: false,
	sample: false,
	ending: false,
	latency: 0
};

const NAMED: Record<string, Partial<Scenario>> = {
	empty: { amount: 'empty' },
	some: {},
	much: { amount: 'much' },
	offline: { offline: true },
	error: { failing: true },
	locked: { keychain: 'locked' },
	absent: { keychain: 'absent' },
	slow: { keychain: 'slow' },
	signin: { signedIn: false },
	new: { signedIn: false, hasAccount: false, amount: 'empty' },
	ended: { ending: true },
	sample: { sample: true },
	down: { signedIn: false, serverDown: true }
};

/** `?scenario=much&latency=400`; several scenarios are joined by commas. */
export function readScenario(search: string): Scenario {
	const query = new URLSearchParams(search);
	const names = (query.get('scenario') ?? 'some').split(',');
	const latency = Number(query.get('latency') ?? 0);
	return names.reduce((all, name) => ({ ...all, ...NAMED[name] }), { ...DEFAULTS, latency });
}

const at = (now: number, secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();
const DAY = 86_400;

type Sketch = [slug: string, name: string, monogram: string, prefix: string, scopes: boolean];

const SKETCHES: Sketch[] = [
	['cards', 'Matchday Cards', 'MC', 'sk_', false],
	['reels', 'Reelworks', 'RW', 'reel_', true],
	['rooms', 'Roomcraft', 'RC', 'rc_', false],
	['depth', 'Depthwise Creative', 'DS', 'ds_', false],
	['leads', 'Leadwell', 'LW', 'lw_', true]
];

/** A request that sends a file. */
const FORM: Platform['sample'] = {
	method: 'POST',
	path: '/stage',
	headers: [{ name: 'Content-Type', value: 'multipart/form-data' }],
	body: '{"image": "@photo.jpg", "style": "modern", "room_type": "living_room"}',
	price: 1_000_000
};

function platform([slug, name, monogram, prefix, scoped]: Sketch, empty: boolean): Platform {
	const perRequest = slug === 'reels';
	return {
		slug,
		name,
		monogram,
		summary: perRequest ? 'Images and video from a prompt.' : 'Pictures of player cards.',
		base_url: `http://127.0.0.1:4780/${slug}/v1`,
		documentation_url: `https://docs.example.com/${slug}`,
		environments: ['live', 'test'],
		header_schemes: perRequest
			? [
					{ header: 'Authorization', prefix: 'Bearer ' },
					{ header: 'Authorization', prefix: 'Key ' },
					{ header: 'X-Api-Key', prefix: '' }
				]
			: [{ header: 'X-API-Key', prefix: '' }],
		key_prefixes: [
			{ environment: 'live', kind: 'secret', prefix: `${prefix}live_` },
			{ environment: 'test', kind: 'secret', prefix: `${prefix}test_` },
			...(slug === 'leads'
				? ([
						{ environment: 'live', kind: 'public', prefix: 'pk_live_' },
						{ environment: 'test', kind: 'public', prefix: 'pk_test_' }
					] as const)
				: [])
		],
		paired_keys: slug === 'leads',
		ip_entries: slug === 'leads',
		scopes: scoped
			? [
					{ name: 'generate', summary: 'Submit images and videos.', default: true },
					{
						name: 'read',
						summary: 'Reserved by the platform. Gates nothing today.',
						default: true
					}
				]
			: [],
		requests_per_minute: perRequest ? 120 : 60,
		concurrency: perRequest ? 10 : null,
		unit: slug === 'depth' ? { name: 'USD', decimals: 2 } : { name: 'credits', decimals: 0 },
		operations: [{ name: 'images.create', title: 'Create an image', price: 1_000_000 }],
		webhooks: perRequest
			? {
					target: 'request',
					max_endpoints: 0,
					events: [{ name: 'request.finished', summary: 'A request reached its end.' }]
				}
			: {
					target: slug === 'rooms' ? 'key' : 'account',
					max_endpoints: 1,
					events: [
						{ name: 'image.completed', summary: 'A picture is ready.' },
						{ name: 'image.failed', summary: 'A picture could not be made; its credits are back.' }
					]
				},
		key_variable: `${slug.toUpperCase()}_API_KEY`,
		sample:
			slug === 'rooms'
				? FORM
				: {
						method: 'POST',
						path: perRequest ? '/models/swift-2' : '/images',
						headers: [
							{ name: 'Content-Type', value: 'application/json' },
							...(perRequest ? [] : [{ name: 'Idempotency-Key', value: '{uuid}' }])
						],
						body: perRequest
							? '{"input": {"prompt": "A red door, morning light", "num_images": 1}}'
							: '{"type": "player_card", "player": {"name": "Ada Moreno", "position": "ST", "number": 9}}',
						price: perRequest ? 4_000_000 : 1_000_000
					},
		account: {
			balance: empty ? 100_000_000 : Math.round((0.3 + chance(slug + 'b')) * 60_000) * 1_000_000,
			held: empty ? 0 : 3_000_000,
			live_enabled: true,
			suspended_at: null,
			ip_entries:
				slug === 'leads' && !empty
					? [
							{ environment: 'live', rule: '203.0.113.0/24', active: true, note: 'Office' },
							{
								environment: 'live',
								rule: '2001:db8:85a3::8a2e:370:7334',
								active: false,
								note: 'The build machines until they move'
							}
						]
					: [],
			low_balance: slug === 'reels' ? 100_000_000_000 : null,
			top_up: {
				enabled: slug === 'cards',
				threshold: 100_000_000,
				amount: 500_000_000,
				monthly_ceiling: 2_000_000_000,
				cooldown_seconds: 3600
			},
			credit_line: 5_000_000_000,
			owed: empty ? 0 : 1_000_000_000,
			version: 1
		}
	};
}

const NAMES = [
	'Card renderer',
	'Season import',
	'CI',
	'Campaign worker',
	'Thumbnail queue',
	'Prompt lab',
	'Listings portal',
	'Photo desk',
	'Sandbox',
	'Batch predictions',
	'Storyboards',
	'Billing service',
	'Pricing page'
];

function key(now: number, slug: string, prefix: string, name: string, index: number): Key {
	const environment: Environment = index % 3 === 2 ? 'test' : 'live';
	const seed = `${slug}/${name}/${index}`;
	const revoked = index % 11 === 10;
	const paused = index % 7 === 1 && !revoked;
	const used = Math.floor(chance(seed) ** 4 * 20 * DAY);
	const start = `${prefix}${environment}_`;
	return {
		id: demoId('key', seed),
		platform: slug,
		name,
		kind: 'secret',
		environment,
		status: revoked ? 'revoked' : paused ? 'paused' : 'active',
		prefix: start,
		last4: last4(seed),
		digest: '9f'.repeat(32),
		scopes: slug === 'reels' || slug === 'leads' ? ['generate', 'read'] : [],
		requests_per_minute: index % 5 === 3 ? 240 : null,
		concurrent_limit: null,
		daily_limit: null,
		credit_allowance: null,
		spent_today: null,
		spent_in_all: null,
		ip_rules: index % 5 === 3 ? ['203.0.113.0/24', '2001:db8::/32'] : [],
		expires_at: null,
		created_at: at(now, (index + 3) * DAY),
		created_by: 'mara@fieldhouse.example',
		first_used_at: index % 6 === 5 ? null : at(now, (index + 2) * DAY),
		last_used_at: index % 6 === 5 ? null : at(now, used),
		last_used_address: '203.0.113.24',
		last_used_agent: 'worker-node/2.3.1',
		paused_at: paused ? at(now, DAY) : null,
		revoked_at: revoked ? at(now, 2 * DAY) : null,
		revoked_by: revoked ? 'mara@fieldhouse.example' : null,
		replaces: null,
		replaced_by: null,
		grace_ends_at: null,
		pair_id: null,
		version: 1
	};
}

function endpoint(
	now: number,
	slug: string,
	url: string | null,
	failing: boolean
): WebhookEndpoint {
	const hourly = Array.from({ length: 24 }, (_, hour) => {
		const busy = hour > 6 ? 14 : 3;
		const count = Math.round(busy * (0.5 + chance(`${slug}${url}${hour}`)));
		return failing && hour > 20 ? { succeeded: 1, failed: count } : { succeeded: count, failed: 0 };
	});
	return {
		id: demoId('whe', `${slug}${url}`),
		platform: slug,
		target: !url ? 'request' : slug === 'rooms' ? 'key' : 'account',
		key_id: null,
		url,
		events: url ? ['image.completed', 'image.failed'] : ['request.finished'],
		enabled: true,
		disabled_reason: null,
		disabled_at: null,
		secret_last4: last4(`secret${url}`),
		previous_secret_until: slug === 'leads' ? at(now, -9 * 3600) : null,
		created_at: at(now, 30 * DAY),
		health: {
			delivered: hourly.reduce((sum, hour) => sum + hour.succeeded, 0),
			failed: failing ? 1 : 0,
			waiting: failing ? 4 : 0,
			p95_ms: failing ? 212 : 88,
			failing_since: failing ? at(now, 3 * 3600) : null,
			hourly
		},
		version: 1
	};
}

function delivery(now: number, to: WebhookEndpoint, index: number): Delivery {
	const waiting = to.health.failing_since !== null && index < 4;
	const givenUp = index === 6 && to.health.failed > 0;
	const seed = `${to.id}/${index}`;
	return {
		id: demoId('dlv', seed),
		endpoint_id: to.id,
		platform: to.platform,
		environment: index % 5 === 4 ? 'test' : 'live',
		event_id: demoId('evt', seed),
		event_type: to.events[index % 3 === 2 ? to.events.length - 1 : 0] ?? 'ping',
		url: to.url ?? `https://reels.fieldhouse.example/done/${index}`,
		state: waiting ? 'waiting' : givenUp ? 'failed' : 'delivered',
		created_at: at(now, 120 + index * 617),
		attempts: waiting || givenUp ? 4 : 1,
		last_attempt_at: at(now, 60 + index * 600),
		next_attempt_at: waiting ? at(now, -(900 + index * 700)) : null,
		last_status: waiting || givenUp ? (index === 3 ? null : 503) : 200,
		last_error: waiting && index === 3 ? 'timed out' : null,
		last_duration_ms: waiting && index === 3 ? 10_000 : 60 + Math.round(chance(seed) * 180)
	};
}

export function detail(of: Delivery): DeliveryDetail {
	const start = Date.parse(of.created_at);
	const after = [0, 5, 305, 2105];
	const attempts = Array.from({ length: of.attempts }, (_, i) => ({
		number: i + 1,
		at: new Date(start + (after[i] ?? 0) * 1000).toISOString(),
		duration_ms: i === 2 ? 10_000 : 198 + i * 6,
		status: of.state === 'delivered' ? 200 : i === 2 ? null : 503,
		error: of.state === 'waiting' && i === 2 ? 'timed out' : null,
		request_headers: [
			{ name: 'content-type', value: 'application/json' },
			{ name: 'webhook-id', value: of.event_id },
			{ name: 'webhook-signature', value: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }
		],
		response_headers: [{ name: 'content-type', value: 'application/json' }],
		response_body:
			of.state === 'delivered'
				? '{"ok":true}'
				: '{"error":"upstream_unavailable",\n "message":"no healthy backend for intake",\n "retry_after":30}'
	}));
	const body = JSON.stringify({
		event: of.event_type,
		image_id: 'img_01KAPX',
		status: 'completed'
	});
	return { delivery: of, body, attempts };
}

export type Store = {
	platforms: Platform[];
	keys: Key[];
	endpoints: WebhookEndpoint[];
	deliveries: Delivery[];
};

/** The first key of each platform was rotated five hours ago: the old one still works. */
function rotated(now: number, keys: Key[]): Key[] {
	const seen = new Set<string>();
	return keys.flatMap((key) => {
		if (seen.has(key.platform) || key.status !== 'active') return [key];
		seen.add(key.platform);
		const id = demoId('key', `${key.id}/new`);
		const fresh: Key = {
			...key,
			id,
			last4: last4(`${key.id}/new`),
			created_at: at(now, 5 * 3600),
			first_used_at: at(now, 4 * 3600),
			last_used_at: at(now, 30),
			replaces: key.id
		};
		const old: Key = {
			...key,
			status: 'retiring',
			replaced_by: id,
			grace_ends_at: at(now, -19 * 3600)
		};
		return [fresh, old];
	});
}

/** What the stand-in holds at its start. */
export function createStore(scenario: Scenario, now: number, seed: string): Store {
	const count = scenario.amount === 'much' ? 5 : 2;
	const sketches = SKETCHES.slice(0, count);
	const platforms = sketches.map((sketch) => platform(sketch, scenario.amount === 'empty'));
	const perRequest = endpoint(now, 'reels', null, false);
	perRequest.secret_last4 = last4(seed);
	if (scenario.amount === 'empty') {
		return { platforms, keys: [], endpoints: [perRequest], deliveries: [] };
	}
	const each = scenario.amount === 'much' ? 130 : 3;
	const keys = rotated(
		now,
		sketches.flatMap(([slug, , , prefix], s) =>
			Array.from({ length: each }, (_, i) => {
				const name = NAMES[(s * 3 + i) % NAMES.length] ?? 'Key';
				return key(now, slug, prefix, i < 12 ? name : `${name} ${i}`, i);
			})
		)
	);
	const endpoints = [
		endpoint(now, 'cards', 'https://hooks.fieldhouse.example/cards', scenario.amount === 'much'),
		perRequest
	];
	if (scenario.amount === 'much') {
		endpoints.push(
			endpoint(now, 'rooms', 'https://ops.fieldhouse.example/staging/of/every/room', false),
			endpoint(now, 'leads', 'https://billing.fieldhouse.example/leads', false),
			endpoint(now, 'leads', 'http://127.0.0.1:8787/dev', false)
		);
	}
	for (const one of endpoints.filter(({ target }) => target === 'key')) {
		one.key_id = keys.find(({ platform }) => platform === one.platform)?.id ?? null;
	}
	const [off] = endpoints.filter(({ url }) => url?.startsWith('http://'));
	if (off) {
		Object.assign(off, {
			enabled: false,
			disabled_reason: 'exhausted',
			disabled_at: at(now, 7 * 3600),
			previous_secret_until: null
		});
	}
	const rows = scenario.amount === 'much' ? 320 : 9;
	const deliveries = endpoints.flatMap((to) =>
		Array.from({ length: rows }, (_, i) => delivery(now, to, i))
	);
	return { platforms, keys, endpoints, deliveries };
}
