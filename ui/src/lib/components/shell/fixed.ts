/** Keys that work where the focus is, beside the acts a screen adds. */
export const FIXED = [
	{ keys: 'escape', does: 'Close what is on top' },
	{ keys: 'enter', does: 'Open the row' },
	{ keys: '←, →', does: 'Read a chart, point by point' },
	{ keys: '↑, ↓', does: 'One line of a chart after the other' },
	{ keys: 'home, end', does: 'First and last point of a chart' },
	{ keys: 'l', does: 'Keep a copied secret 60 s longer' },
	{ keys: 'x', does: 'Clear it from the clipboard now' }
];
