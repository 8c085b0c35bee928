/** As many of its inputs an executor tells of. */
export const MAX_INPUT_KEYS = 64;

/**
 * Of an object, by the SHA-256 in hex of `BUCKET/KEY`: the first 64 bits, as Postgres has them, a signed number. Enough
 * to find a task's input by, not to trust in.
 */
export const inputKeyOf = (sha256: string): string => BigInt.asIntN(64, BigInt(`0x${sha256.slice(0, 16)}`)).toString();
