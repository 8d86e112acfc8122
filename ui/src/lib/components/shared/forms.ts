import { tick } from 'svelte';

/** After a form was sent: the first field that has to be put right takes the focus. */
export async function focusInvalid(form: HTMLElement | null) {
	await tick();
	form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
