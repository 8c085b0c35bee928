import { fail } from './arguments.js';

/** `btoa` and `atob` know bytes only, so the text goes through UTF-8. */
export const encodeBase64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));

export function decodeBase64(text: string): string {
  // AWS's decoder does without padding, but takes no blanks, as `atob` would.
  if (/\s/.test(text)) throw fail('States.Base64Decode', 'was given no Base64: there is a blank in it');
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw fail('States.Base64Decode', `was given no Base64: ${String(error)}`);
  }
}
