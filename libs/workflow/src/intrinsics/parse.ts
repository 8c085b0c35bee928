import { bracketSize } from '../paths/brackets.js';

/** `States.Format('{} of {}', $.name, States.ArrayLength($.list))` as a tree. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: null | boolean | number }
  /** With its escapes, as States.Format needs them. */
  | { readonly kind: 'string'; readonly raw: string }
  | { readonly kind: 'path'; readonly path: string }
  | Call;
export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
}

export class IntrinsicSyntaxError extends Error {}

/** AWS's limit. */
const MAX_NESTING = 10;
const MAX_LENGTH = 10_000;

export function parseIntrinsic(text: string): Call {
  if (text.length > MAX_LENGTH) {
    throw new IntrinsicSyntaxError(`An intrinsic function call has at most ${MAX_LENGTH} characters.`);
  }
  const reader = new Reader(text);
  const call = reader.call(1);
  reader.end();
  return call;
}

/** What `\` may stand before in a string. */
export const unescaped = (raw: string): string => raw.replace(/\\(['{}\\])/g, '$1');

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  call(nesting: number): Call {
    if (nesting > MAX_NESTING) throw this.wrong(`more than ${MAX_NESTING} calls are nested`);
    const name = this.take(/^[A-Za-z][\w.]*/);
    if (name === undefined) throw this.wrong('the name of a function is missing');
    this.expect('(');
    const args: Expression[] = [];
    if (this.skip(')')) return { kind: 'call', name, args };
    do args.push(this.argument(nesting));
    while (this.skip(','));
    this.expect(')');
    return { kind: 'call', name, args };
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) throw this.wrong('there is more after the call');
  }

  private argument(nesting: number): Expression {
    this.space();
    const next = this.text[this.at];
    if (next === "'") return this.string();
    if (next === '$') return this.path();
    const number = this.take(/^-?\d+(\.\d+)?([eE][+-]?\d+)?(?![\w.])/);
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const word = this.take(/^(null|true|false)(?![\w.(])/);
    if (word !== undefined) return { kind: 'literal', value: word === 'null' ? null : word === 'true' };
    return this.call(nesting + 1);
  }

  private string(): Expression {
    const text = this.take(/^'(?:[^'\\]|\\['{}\\])*'/);
    if (text === undefined)
      throw this.wrong("a string does not end, or has a '\\' before something else than ' { } \\");
    return { kind: 'string', raw: text.slice(1, -1) };
  }

  /** Up to the comma or parenthesis that is outside of brackets. */
  private path(): Expression {
    const start = this.at;
    while (this.at < this.text.length && !/[,)\s]/.test(this.text[this.at] as string)) {
      if (this.text[this.at] !== '[') this.at++;
      else {
        const size = bracketSize(this.text.slice(this.at));
        if (size === undefined) throw this.wrong("a '[' is not closed");
        this.at += size;
      }
    }
    return { kind: 'path', path: this.text.slice(start, this.at) };
  }

  private take(pattern: RegExp): string | undefined {
    this.space();
    const found = pattern.exec(this.text.slice(this.at))?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private skip(char: string): boolean {
    this.space();
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private expect(char: string): void {
    if (!this.skip(char)) throw this.wrong(`'${char}' is missing`);
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private wrong(reason: string): IntrinsicSyntaxError {
    return new IntrinsicSyntaxError(`The call '${this.text}' is not valid at character ${this.at + 1}: ${reason}.`);
  }
}
