/** The passphrase rule of the server, said before it has to. */
export const LEAST = 15;

/** What a new passphrase lacks; undefined when it is long enough. Characters count, not bytes. */
export function tooShort(passphrase: string): string | undefined {
	const { length } = [...passphrase];
	if (length >= LEAST) return undefined;
	if (length === 0) return `Enter a passphrase of at least ${LEAST} characters, or generate one.`;
	const characters = length === 1 ? '1 character' : `${length} characters`;
	return `The passphrase has ${characters}, at least ${LEAST} are needed.`;
}
