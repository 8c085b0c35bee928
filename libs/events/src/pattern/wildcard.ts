/** `*` stands for any text, also none; `\*` and `\\` for themselves. */
export interface Wildcard {
  readonly first: string;
  readonly middle: readonly string[];
  /** Undefined without a `*`: then the whole text must be `first`. */
  readonly last: string | undefined;
}

/** The parts between the stars, or what is wrong with them. */
export function readWildcard(text: string): Wildcard | string {
  const parts = [''];
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '*') {
      if (text.charAt(index - 1) === '*' && !isEscaped(text, index - 1)) {
        return `must not have one wildcard after another, at position ${index}`;
      }
      parts.push('');
      continue;
    }
    const escaped = character === '\\';
    if (escaped && !'*\\'.includes(text.charAt(index + 1) || ' ')) {
      return `has an invalid escape at position ${index}: a backslash may precede * and \\ only`;
    }
    if (escaped) index++;
    parts[parts.length - 1] += text.charAt(index);
  }
  const [first = '', ...rest] = parts;
  return { first, middle: rest.slice(0, -1), last: rest.at(-1) };
}

const isEscaped = (text: string, index: number): boolean =>
  (/\\*$/.exec(text.slice(0, index))?.[0].length ?? 0) % 2 === 1;

/** Takes the first place for each part, which is enough, so that no text and no pattern makes it slow. */
export function matchesWildcard({ first, middle, last }: Wildcard, text: string): boolean {
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of middle) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
