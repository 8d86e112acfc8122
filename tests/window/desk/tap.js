// Listens to what page and app say to each other: every call is a request to the app's own scheme.
if (!window.heardCalls) {
	window.heardCalls = [];
	window.openCalls = 0;
	const send = window.fetch.bind(window);
	window.fetch = async (to, options) => {
		const url = String(to?.url ?? to);
		if (!url.startsWith('ipc:') && !url.startsWith('http://ipc.localhost')) return send(to, options);
		const body = options?.body;
		const asked = typeof body === 'string' ? body : body ? new TextDecoder().decode(body) : '';
		window.openCalls += 1;
		try {
			const answer = await send(to, options);
			const answered = await answer.clone().text();
			window.heardCalls.push({ command: decodeURIComponent(url.split('/').pop()), asked, answered });
			return answer;
		} finally {
			window.openCalls -= 1;
		}
	};
}
if (!window.heardEvents) {
	window.heardEvents = [];
	const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
	for (const event of ['change', 'clipboard', 'connection', 'key-step', 'keychain', 'signed-out']) {
		const handler = transformCallback((told) => window.heardEvents.push(JSON.stringify(told)));
		void invoke('plugin:event|listen', { event, target: { kind: 'Any' }, handler });
	}
}
