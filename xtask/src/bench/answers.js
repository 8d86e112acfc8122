// Stands in for the desktop app: answers the page's first calls as the app does on a fresh computer.
(() => {
	const app = {
		version: '0.1.0',
		server: {
			kind: 'local',
			base_url: 'http://127.0.0.1:4400',
			running: true,
			error: null,
			port_note: null
		},
		keychain: 'present',
		keychain_name: 'keyring',
		signed_in: false,
		me: null,
		platforms: [{ monogram: 'CL' }, { monogram: 'PC' }],
		has_account: false,
		data_dir: '/home/someone/.local/share/dev.latchkey.console',
		theme: 'system',
		clipboard_seconds: 30,
		settings_note: null
	};
	const answers = {
		get_app: app,
		get_settings: { theme: 'system', clipboard_seconds: 30, single_letter_shortcuts: true },
		saved_login: { email: null, password_kept: false },
		'plugin:event|listen': 1
	};
	const later = new Promise(() => {});
	let callbacks = 0;
	window.__TAURI_INTERNALS__ = {
		invoke: (command) => (command in answers ? Promise.resolve(answers[command]) : later),
		transformCallback: () => ++callbacks,
		unregisterCallback: () => {},
		convertFileSrc: (path) => path,
		metadata: {
			currentWindow: { label: 'main' },
			currentWebview: { windowLabel: 'main', label: 'main' }
		}
	};
	window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener: () => {} };
})();
