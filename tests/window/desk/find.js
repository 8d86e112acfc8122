// Elements as a person with a screen reader finds them: by role and name, in the topmost dialog.
const [role, wanted] = arguments;
const ROLES = {
	A: 'link', BUTTON: 'button', H1: 'heading', H2: 'heading', H3: 'heading', TEXTAREA: 'textbox',
	TR: 'row', PRE: 'code', DIALOG: 'dialog'
};
const INPUTS = { radio: 'radio', checkbox: 'checkbox', search: 'searchbox' };
const roleOf = (node) =>
	node.getAttribute('role') ??
	(node.tagName === 'INPUT' ? (INPUTS[node.type] ?? 'textbox') : ROLES[node.tagName]);
const isShown = (node) => node.getClientRects().length > 0;
const tidy = (text) => text.replace(/\s+/g, ' ').trim();
function textOf(node) {
	if (node.nodeType === Node.TEXT_NODE) return node.data;
	if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute('aria-hidden') === 'true') return '';
	return [...node.childNodes].map(textOf).join('');
}
function nameOf(node) {
	const own = node.getAttribute('aria-label');
	if (own) return tidy(own);
	const by = node.getAttribute('aria-labelledby');
	if (by) return tidy(by.split(' ').map((id) => textOf(document.getElementById(id))).join(' '));
	if (node.labels?.length) return tidy([...node.labels].map(textOf).join(' '));
	return tidy(textOf(node));
}
const dialog = [...document.querySelectorAll('[role=dialog]')].filter(isShown).pop();
const inReach = (node) => !dialog || dialog.contains(node) || node.closest('[role=menu], .toasts');
// `Keys…` begins so, `…Keys` has it somewhere.
function fits(name) {
	if (wanted.startsWith('…')) return name.includes(wanted.slice(1));
	return wanted.endsWith('…') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}
return (
	[...document.querySelectorAll('a, button, input, textarea, h1, h2, h3, tr, pre, [role]')].find(
		(node) => roleOf(node) === role && isShown(node) && inReach(node) && fits(nameOf(node))
	) ?? null
);
