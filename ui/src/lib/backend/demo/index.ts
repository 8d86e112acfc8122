/**
 * The stand-in for the desktop app: invented data, no network, no keychain. Only tests,
 * `npm run dev` and builds with `--mode demo` carry it.
 */
import type { AppState, Settings } from '../bindings';
import type { Backend } from '..';
import { BackendError } from '../error';
import { auditCalls } from './audit';
import { demoChart, demoMultiples, demoSparklines } from './chart';
import { creditCalls } from './credits';
import { createStore, readScenario, type Scenario, type Store } from './data';
import { keyCalls } from './keys';
import { connectionCalls } from './connections';
import { demoEvents, type Bus } from './events';
import { localCalls } from './local';
import { requestCalls } from './requests';
import { demoMe, sessionCalls } from './session';
import { demoUsage, summed } from './usage';
import { webhookCalls } from './webhooks';

export type Demo = { scenario: Scenario; store: Store; bus: Bus; app: AppState; now: () => number };

export function refuse(code: string, message: string, pointer?: string): never {
	const fields = pointer ? [{ pointer, detail: message }] : [];
	throw new BackendError({ code, message, fields, request_id: 'req_01KAPX9V3T0DEMO' });
}

function appState(scenario: Scenario, store: Store): AppState {
	const problem = {
		code: 'port_taken',
		message: 'Port 4780 is used by another program and no other port was free.',
		fields: [],
		request_id: null
	};
	return {
		version: '0.1.0',
		server: {
			kind: 'local',
			base_url: 'http://127.0.0.1:4780',
			running: !scenario.serverDown,
			error: scenario.serverDown ? problem : null,
			port_note: null
		},
		keychain: scenario.keychain,
		keychain_name: 'keyring',
		signed_in: scenario.signedIn,
		me: scenario.signedIn ? demoMe(scenario) : null,
		platforms: store.platforms.map(({ monogram }) => ({ monogram })),
		has_account: scenario.hasAccount,
		data_dir: '/home/mara/.local/share/latchkey',
		theme: 'system',
		clipboard_seconds: 45,
		settings_note: null
	};
}

function usageCalls({ store }: Demo) {
	return {
		getUsage: async (query) => demoUsage(query, store),
		usageChart: async (query, size, measure) => demoChart(demoUsage(query, store), size, measure),
		usageMultiples: async (query, size, measure) =>
			demoMultiples(demoUsage(query, store), size, measure, (all) => summed(all, query)),
		sparklines: async (query, size) => demoSparklines(demoUsage(query, store), size)
	} satisfies Partial<Backend['calls']>;
}

function settingsCalls(demo: Demo) {
	let settings: Settings = {
		theme: 'system',
		clipboard_seconds: 45,
		single_letter_shortcuts: true
	};
	return {
		getSettings: async () => settings,
		updateSettings: async (next) => {
			demo.app.clipboard_seconds = next.clipboard_seconds;
			return (settings = next);
		},
		openUrl: async () => null,
		retryServer: async () => {
			demo.app.server = { ...demo.app.server, running: true, error: null };
			return demo.app;
		},
		unlockKeychain: async () => {
			demo.app.keychain = 'present';
			demo.bus.emit('keychain', 'present');
			return 'present' as const;
		}
	} satisfies Partial<Backend['calls']>;
}

/** Every answer waits as long as the scenario says, and fails where it says so. */
function slowed(calls: Backend['calls'], scenario: Scenario): Backend['calls'] {
	const always = ['getApp', 'getSettings', 'updateSettings', 'savedLogin'];
	const entries = Object.entries(calls).map(([name, call]) => [
		name,
		async (...args: unknown[]) => {
			const wait = scenario.latency && !always.includes(name) ? scenario.latency : 0;
			if (wait) await new Promise((done) => setTimeout(done, wait));
			if (scenario.failing && /^(list|get(?!App|Settings)|usage|spark)/.test(name)) {
				refuse('internal', 'The server could not read its database. Try again.');
			}
			const answer = await (call as (...args: unknown[]) => Promise<unknown>)(...args);
			return structuredClone(answer);
		}
	]);
	return Object.fromEntries(entries) as Backend['calls'];
}

export function createDemo(search?: string, now: () => number = Date.now): Backend {
	const scenario = readScenario(search ?? globalThis.location?.search ?? '');
	// The build that ships is searched for this name.
	const store = createStore(scenario, now(), 'latchkey-demo');
	const bus = demoEvents();
	const demo: Demo = { scenario, store, bus, app: appState(scenario, store), now };
	const calls = {
		...sessionCalls(demo),
		...keyCalls(demo),
		...webhookCalls(demo),
		...usageCalls(demo),
		...connectionCalls(demo),
		...creditCalls(demo),
		...localCalls(demo),
		...auditCalls(demo),
		...requestCalls(demo),
		...settingsCalls(demo)
	} satisfies Backend['calls'];
	const events = bus.events;
	if (scenario.offline) {
		const as_of = new Date(now() - 240_000).toISOString();
		setTimeout(() => bus.emit('connection', { online: false, as_of }), 300);
	}
	if (scenario.ending) setTimeout(() => bus.emit('signedOut', null), 1500);
	return { calls: slowed(calls, scenario), events };
}
