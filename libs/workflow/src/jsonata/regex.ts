import { RE2JS } from 're2js';
import { QueryFunctionError } from './query-error.js';
import { currentMeter } from './meter.js';

const MAX_CACHED = 500;
const MAX_PROGRAM = 5000;
const compiled = new Map<string, RE2JS>();

/**
 * Takes RegExp's place in the library: RE2 needs time in proportion to the text, where a backtracking expression of a
 * user may take for ever. Lookarounds and backreferences are what it cannot do.
 */
export class LinearRegex {
  lastIndex = 0;
  private readonly re: RE2JS;
  private text: string | undefined;
  private matcher: ReturnType<RE2JS['matcher']> | undefined;

  constructor({ source, flags }: RegExp) {
    this.re = compile(source, flags);
  }

  exec(text: string): (RegExpExecArray & { index: number }) | null {
    if (this.text !== text || !this.matcher) {
      this.text = text;
      this.matcher = this.re.matcher(text);
    }
    currentMeter().match(((text.length - this.lastIndex) * this.re.programSize()) / 16);
    if (this.lastIndex > text.length || !this.matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const { matcher } = this;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups, { index: matcher.start(), input: text }) as unknown as RegExpExecArray;
  }
}

function compile(source: string, flags: string): RE2JS {
  const key = `${flags}/${source}`;
  const known = compiled.get(key);
  if (known) return known;
  const re = translated(source, flags);
  if (re.programSize() > MAX_PROGRAM) throw unsupported(source, 'it is too large');
  if (compiled.size >= MAX_CACHED) compiled.clear();
  compiled.set(key, re);
  return re;
}

function translated(source: string, flags: string): RE2JS {
  try {
    const bits = (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('m') ? RE2JS.MULTILINE : 0);
    return RE2JS.compile(RE2JS.translateRegExp(source), bits);
  } catch (error) {
    throw unsupported(source, error instanceof Error ? error.message : String(error));
  }
}

const unsupported = (source: string, reason: string): QueryFunctionError =>
  new QueryFunctionError('S0302', `The regular expression /${source.slice(0, 200)}/ is not supported: ${reason}`);
