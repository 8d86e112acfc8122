// Before the first paint: the theme last chosen, else the system's. The app says it again once
// it answers.
(function () {
	var theme;
	try {
		theme = localStorage.getItem('theme');
	} catch {
		// Without storage the system's theme holds.
	}
	if (theme !== 'light' && theme !== 'dark') {
		theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
	}
	document.documentElement.dataset.theme = theme;
})();
