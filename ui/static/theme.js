// Before the first paint: the theme last chosen. The app says it again once it answers.
(function () {
	try {
		var asked = new URLSearchParams(location.search).get('theme');
		var theme = asked || localStorage.getItem('theme');
		if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
	} catch {
		// Without storage the system's theme holds.
	}
})();
