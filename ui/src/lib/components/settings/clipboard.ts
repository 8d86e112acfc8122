/** How long a copied key may stay on the clipboard, in seconds; 0 is for ever. */
export const CLIPBOARD_CHOICES: { value: string; label: string }[] = [
	{ value: '15', label: '15 seconds' },
	{ value: '45', label: '45 seconds' },
	{ value: '90', label: '90 seconds' },
	{ value: '450', label: '7½ minutes' },
	{ value: '0', label: 'Never' }
];

/** The choices, with what is set now even if it is none of them. */
export function choicesWith(seconds: number): { value: string; label: string }[] {
	const value = String(seconds);
	if (CLIPBOARD_CHOICES.some((choice) => choice.value === value)) return CLIPBOARD_CHOICES;
	return [{ value, label: `${seconds} seconds` }, ...CLIPBOARD_CHOICES];
}
