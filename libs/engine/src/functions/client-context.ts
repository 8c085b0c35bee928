/** As on AWS Lambda, of the base64. */
const MAX_GIVEN = 3_583;
const MAX_CONTEXT = 8_192;

/**
 * What the caller says about itself, for the function's context: base64 of a JSON object, as AWS' SDKs send it. The JSON
 * comes back in ASCII only: stock clients of the Runtime API get it as a header. Or the rule that it breaks.
 */
export function readClientContext(given: string): string | { readonly rule: string } {
  if (given.length > MAX_GIVEN) return { rule: `must have at most ${MAX_GIVEN} characters` };
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(given)) return { rule: 'must be base64' };
  const context = parse(Buffer.from(given, 'base64').toString('utf8'));
  if (context === null || typeof context !== 'object' || Array.isArray(context))
    return { rule: 'must be the base64 of a JSON object' };
  const text = JSON.stringify(context).replaceAll(/[\u007f-\uffff]/g, escaped);
  return text.length > MAX_CONTEXT ? { rule: `must have at most ${MAX_CONTEXT} characters, escaped to ASCII` } : text;
}

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
