// Provisional: stands in for the bindings generated from the Rust commands.
import { invoke } from '@tauri-apps/api/core';
import { listen, type EventCallback } from '@tauri-apps/api/event';

type Result<T, E> = { status: 'ok'; data: T } | { status: 'error'; error: E };

async function typed<T>(call: Promise<T>): Promise<Result<T, AppError>> {
	try {
		return { status: 'ok', data: await call };
	} catch (error) {
		if (error instanceof Error) throw error;
		return { status: 'error', error: error as AppError };
	}
}

const event = <T>(name: string) => ({
	listen: (callback: EventCallback<T>) => listen(name, callback)
});

export const commands = {
	getApp: () => invoke<AppState>('get_app'),
	createPartner: (request: CreatePartner, keepPassword: boolean) =>
		typed<Me>(invoke('create_partner', { request, keepPassword })),
	generatePassphrase: () => typed<string>(invoke('generate_passphrase')),
	createSession: (request: CreateSession) => typed<Me>(invoke('create_session', { request })),
	savedLogin: () => typed<SavedLogin>(invoke('saved_login')),
	createSessionWithSaved: (email: string) =>
		typed<Me>(invoke('create_session_with_saved', { email })),
	endSession: () => typed<null>(invoke('end_session')),
	getMe: () => typed<Me>(invoke('get_me')),
	updateMe: (change: UpdateMe) => typed<Me>(invoke('update_me', { change })),
	listSessions: () => typed<Session[]>(invoke('list_sessions')),
	endOtherSession: (id: string) => typed<null>(invoke('end_other_session', { id })),
	listPlatforms: () => typed<Platform[]>(invoke('list_platforms')),
	listKeys: (query: KeyQuery) => typed<Page<Key>>(invoke('list_keys', { query })),
	getKey: (id: string) => typed<Key>(invoke('get_key', { id })),
	createKey: (request: CreateKey) => typed<KeptKey>(invoke('create_key', { request })),
	updateKey: (id: string, version: number, change: UpdateKey) =>
		typed<Key>(invoke('update_key', { id, version, change })),
	revokeKey: (id: string) => typed<Key>(invoke('revoke_key', { id })),
	keyCustody: (id: string) => typed<Custody>(invoke('key_custody', { id })),
	copyKey: (id: string) => typed<ClipboardState>(invoke('copy_key', { id })),
	extendClipboard: (seconds: number) =>
		typed<ClipboardState>(invoke('extend_clipboard', { seconds })),
	clearClipboard: () => typed<null>(invoke('clear_clipboard')),
	revealKey: (id: string) => typed<string>(invoke('reveal_key', { id })),
	discardKeySecret: (id: string) => typed<null>(invoke('discard_key_secret', { id })),
	copyText: (text: string) => typed<null>(invoke('copy_text', { text })),
	listWebhookEndpoints: () => typed<WebhookEndpoint[]>(invoke('list_webhook_endpoints')),
	createWebhookEndpoint: (request: CreateWebhookEndpoint) =>
		typed<WebhookEndpoint>(invoke('create_webhook_endpoint', { request })),
	updateWebhookEndpoint: (id: string, version: number, change: UpdateWebhookEndpoint) =>
		typed<WebhookEndpoint>(invoke('update_webhook_endpoint', { id, version, change })),
	deleteWebhookEndpoint: (id: string) => typed<null>(invoke('delete_webhook_endpoint', { id })),
	testWebhookEndpoint: (id: string) => typed<Delivery>(invoke('test_webhook_endpoint', { id })),
	copyWebhookSecret: (id: string) => typed<ClipboardState>(invoke('copy_webhook_secret', { id })),
	revealWebhookSecret: (id: string) => typed<string>(invoke('reveal_webhook_secret', { id })),
	listDeliveries: (query: DeliveryQuery) =>
		typed<Page<Delivery>>(invoke('list_deliveries', { query })),
	getDelivery: (id: string) => typed<DeliveryDetail>(invoke('get_delivery', { id })),
	replayDelivery: (id: string) => typed<Delivery>(invoke('replay_delivery', { id })),
	getUsage: (query: UsageQuery) => typed<Usage>(invoke('get_usage', { query })),
	usageChart: (query: UsageQuery, size: ChartSize, measure: Measure) =>
		typed<Chart>(invoke('usage_chart', { query, size, measure })),
	sparklines: (query: UsageQuery, size: ChartSize) =>
		typed<Sparkline[]>(invoke('sparklines', { query, size })),
	getCredits: () => typed<CreditSummary[]>(invoke('get_credits')),
	getSettings: () => typed<Settings>(invoke('get_settings')),
	updateSettings: (settings: Settings) => typed<Settings>(invoke('update_settings', { settings })),
	openUrl: (url: string) => typed<null>(invoke('open_url', { url })),
	unlockKeychain: () => typed<KeychainState>(invoke('unlock_keychain')),
	retryServer: () => typed<AppState>(invoke('retry_server'))
};

export const events = {
	change: event<Change>('change'),
	connection: event<Connection>('connection'),
	keychain: event<KeychainState>('keychain'),
	clipboard: event<ClipboardState | null>('clipboard'),
	signedOut: event<null>('signed-out'),
	keyStep: event<KeyStep>('key-step')
};

export type Amount = number;
export type Environment = 'live' | 'test';
export type KeyKind = 'secret' | 'public';
export type KeyStatus = 'active' | 'paused' | 'expired' | 'revoked';
export type KeychainState = 'present' | 'locked' | 'absent' | 'slow';
export type ThemeChoice = 'system' | 'light' | 'dark';
export type Measure = 'requests' | 'credits';
export type Interval = 'minute' | 'quarter_hour' | 'hour' | 'day';
export type UsageGroup = 'platform' | 'key' | 'operation';
export type WebhookTarget = 'account' | 'request';
export type DeliveryState = 'waiting' | 'delivered' | 'failed';
export type Topic =
	'keys' | 'usage' | 'accounts' | 'endpoints' | 'deliveries' | 'me' | 'everything';

export type FieldError = { pointer: string; detail: string };
export type AppError = {
	code: string;
	message: string;
	fields: FieldError[];
	request_id: string | null;
};
export type AppState = {
	version: string;
	server: {
		kind: 'local';
		base_url: string;
		running: boolean;
		error: AppError | null;
		port_note: string | null;
	};
	keychain: KeychainState;
	keychain_name: string;
	signed_in: boolean;
	me: Me | null;
	platforms: { monogram: string }[];
	has_account: boolean;
	data_dir: string;
	theme: ThemeChoice;
	clipboard_seconds: number;
};
export type SavedLogin = { email: string | null; password_kept: boolean };
export type CreatePartner = { name: string; email: string; password: string };
export type CreateSession = { email: string; password: string };
export type Partner = { id: string; name: string; created_at: string; suspended_at: string | null };
export type Member = { id: string; email: string; created_at: string };
export type Me = { partner: Partner; member: Member };
export type UpdateMe = {
	partner_name: string | null;
	password: string | null;
	current_password: string | null;
};
export type Session = {
	id: string;
	created_at: string;
	last_used_at: string;
	address: string | null;
	user_agent: string | null;
	current: boolean;
};
export type Page<T> = { data: T[]; next_cursor: string | null };

export type Platform = {
	slug: string;
	name: string;
	monogram: string;
	summary: string;
	base_url: string;
	documentation_url: string;
	environments: Environment[];
	header_schemes: HeaderScheme[];
	key_prefixes: KeyPrefix[];
	scopes: Scope[];
	requests_per_minute: number;
	concurrency: number | null;
	unit: CreditUnit;
	operations: Operation[];
	webhooks: WebhookSupport;
	key_variable: string;
	sample: SampleRequest;
	account: Account;
};
export type HeaderScheme = { header: string; prefix: string };
export type KeyPrefix = { environment: Environment; kind: KeyKind; prefix: string };
export type Scope = { name: string; summary: string; default: boolean };
export type CreditUnit = { name: string; decimals: number };
export type Operation = { name: string; title: string; price: Amount };
export type WebhookSupport = { target: WebhookTarget; max_endpoints: number; events: EventType[] };
export type EventType = { name: string; summary: string };
export type SampleRequest = {
	method: string;
	path: string;
	headers: SampleHeader[];
	body: string | null;
	price: Amount;
};
export type SampleHeader = { name: string; value: string };
export type Account = {
	balance: Amount;
	held: Amount;
	live_enabled: boolean;
	suspended_at: string | null;
};

export type Key = {
	id: string;
	platform: string;
	name: string;
	kind: KeyKind;
	environment: Environment;
	status: KeyStatus;
	prefix: string;
	last4: string;
	digest: string;
	scopes: string[];
	requests_per_minute: number | null;
	expires_at: string | null;
	created_at: string;
	created_by: string;
	last_used_at: string | null;
	last_used_address: string | null;
	last_used_agent: string | null;
	paused_at: string | null;
	revoked_at: string | null;
	revoked_by: string | null;
	version: number;
};
export type KeyQuery = {
	platform: string | null;
	environment: Environment | null;
	search: string | null;
	include_revoked: boolean | null;
	cursor: string | null;
	limit: number | null;
};
export type CreateKey = {
	platform: string;
	name: string;
	environment: Environment;
	kind: KeyKind;
	scopes: string[] | null;
	requests_per_minute: number | null;
	expires_at: string | null;
};
export type UpdateKey = {
	name?: string | null;
	scopes?: string[] | null;
	requests_per_minute?: number | null;
	paused?: boolean | null;
};
export type KeptKey = {
	key: Key;
	kept: 'kept' | 'session_only';
	keychain: KeychainState;
	problem: AppError | null;
};
export type KeyStep = { id?: string | null; step: 'created' | 'kept' | 'compared' };
export type Custody = {
	state: 'kept' | 'session_only' | 'absent' | 'differs' | 'unavailable';
	compared_at: string | null;
	keychain: KeychainState;
};
export type ClipboardState = { clears_at: string | null; seconds_left: number | null };

export type WebhookEndpoint = {
	id: string;
	platform: string;
	target: WebhookTarget;
	url: string | null;
	events: string[];
	enabled: boolean;
	secret_last4: string;
	created_at: string;
	health: EndpointHealth;
	version: number;
};
export type EndpointHealth = {
	delivered: number;
	failed: number;
	waiting: number;
	p95_ms: number | null;
	failing_since: string | null;
	hourly: HourlyAttempts[];
};
export type HourlyAttempts = { succeeded: number; failed: number };
export type CreateWebhookEndpoint = { platform: string; url: string; events: string[] | null };
export type UpdateWebhookEndpoint = {
	url?: string | null;
	events?: string[] | null;
	enabled?: boolean | null;
};
export type Delivery = {
	id: string;
	endpoint_id: string;
	platform: string;
	environment: Environment;
	event_id: string;
	event_type: string;
	url: string;
	state: DeliveryState;
	created_at: string;
	attempts: number;
	last_attempt_at: string | null;
	next_attempt_at: string | null;
	last_status: number | null;
	last_error: string | null;
	last_duration_ms: number | null;
};
export type DeliveryQuery = {
	endpoint_id: string | null;
	platform: string | null;
	environment: Environment | null;
	state: DeliveryState | null;
	cursor: string | null;
	limit: number | null;
};
export type DeliveryDetail = { delivery: Delivery; body: string; attempts: Attempt[] };
export type Attempt = {
	number: number;
	at: string;
	duration_ms: number;
	status: number | null;
	error: string | null;
	request_headers: Header[];
	response_headers: Header[];
	response_body: string | null;
};
export type Header = { name: string; value: string };

export type UsageQuery = {
	from: string;
	to: string;
	interval: Interval;
	timezone: string | null;
	group_by: UsageGroup | null;
	environment: Environment | null;
	platform: string | null;
	key_id: string | null;
};
export type Usage = {
	interval: Interval;
	timezone: string;
	starts: string[];
	series: UsageSeries[];
};
export type UsageSeries = {
	environment: Environment;
	group: string | null;
	requests: number[];
	refused: number[];
	failed: number[];
	credits: Amount[];
};
export type ChartSize = { width: number; height: number; theme: 'light' | 'dark' };
export type Frame = {
	left: number;
	top: number;
	right: number;
	bottom: number;
	width: number;
	height: number;
};
export type ChartPoint = { x: number; y: number; value: number };
export type ChartSeries = {
	environment: Environment;
	label: string;
	total: number;
	points: ChartPoint[];
};
export type Chart = {
	svg: string;
	frame: Frame;
	series: ChartSeries[];
	starts: string[];
	refused: number[];
	labels: string[];
	summary: string;
};
export type Sparkline = { group: string; svg: string };
export type CreditSummary = {
	platform: string;
	granted: Amount;
	captured: Amount;
	held: Amount;
	balance: Amount;
};
export type Settings = {
	theme: ThemeChoice;
	clipboard_seconds: number;
	single_letter_shortcuts: boolean;
};
export type Change = { topic: Topic; platform: string | null };
export type Connection = { online: boolean; as_of: string };
