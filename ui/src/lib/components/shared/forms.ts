import { tick } from 'svelte';

/** After a form was sent: the first field that has to be put right takes the focus. */
export async function focusInvalid(form: HTMLElement | null) {
	await tick();
	const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
	field?.focus();
	// What is wrong stands below it.
	field?.scrollIntoView({ block: 'nearest' });
}
