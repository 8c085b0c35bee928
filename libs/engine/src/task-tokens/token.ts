import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: whoever has a token may end the state that waits for it. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Only the hash is looked up, so that the time of a look-up says nothing about tokens. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');
