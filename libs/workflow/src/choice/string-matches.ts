/**
 * `*` stands for any characters; `\*` and `\\` stand for themselves. Linear in the text and the pattern: the literal
 * parts between stars are looked for once each, leftmost first, with Knuth-Morris-Pratt.
 */
export function stringMatches(text: string, pattern: string): boolean {
  const parts = literalParts(pattern);
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of others) {
    const at = indexOf(text, part, from, end);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

function literalParts(pattern: string): string[] {
  const parts: string[] = [];
  let part: string[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '*') {
      parts.push(part.join(''));
      part = [];
    } else if (char === '\\' && /[*\\]/.test(pattern[i + 1] ?? '')) part.push(pattern[++i] as string);
    else part.push(char);
  }
  return [...parts, part.join('')];
}

/** Where `part` stands in `text` between `from` and `end`, or -1. */
function indexOf(text: string, part: string, from: number, end: number): number {
  if (part === '') return from;
  const borders = bordersOf(part);
  let matched = 0;
  for (let i = from; i < end; i++) {
    while (matched > 0 && text[i] !== part[matched]) matched = borders[matched - 1] as number;
    if (text[i] === part[matched]) matched++;
    if (matched === part.length) return i - part.length + 1;
  }
  return -1;
}

/** For each prefix, the length of its longest proper prefix that is also its suffix. */
function bordersOf(part: string): number[] {
  const borders = [0];
  let border = 0;
  for (let i = 1; i < part.length; i++) {
    while (border > 0 && part[i] !== part[border]) border = borders[border - 1] as number;
    if (part[i] === part[border]) border++;
    borders.push(border);
  }
  return borders;
}
