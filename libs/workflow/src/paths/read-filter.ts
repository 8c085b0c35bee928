import type { Condition, Operand, Step } from './ast.js';
import { bracketSize } from './brackets.js';

/** Paths have filters in them, and filters paths. */
type ReadSteps = (text: string, path: string) => readonly Step[];

/** Undefined if it cannot be read. */
export function readFilter(text: string, readSteps: ReadSteps): Condition | undefined {
  const reader = new FilterReader(text, readSteps);
  const condition = reader.any(0);
  return condition && reader.isAtEnd ? condition : undefined;
}

const MAX_NESTING = 50;
const OPERATOR = /^(==|!=|<=|>=|<|>)/;
const LITERAL = /^(?:'((?:[^'\\]|\\.)*)'|("(?:[^"\\]|\\.)*")|([^\s()&|<>=!~'"@$[\],]+))/;

class FilterReader {
  private at = 0;
  constructor(
    private readonly text: string,
    private readonly readSteps: ReadSteps,
  ) {}

  get isAtEnd(): boolean {
    this.take(/^\s*/);
    return this.at === this.text.length;
  }

  any(depth: number): Condition | undefined {
    return this.several('any', '||', () => this.several('all', '&&', () => this.one(depth)));
  }

  private several(kind: 'any' | 'all', word: string, read: () => Condition | undefined): Condition | undefined {
    const of: Condition[] = [];
    do {
      const next = read();
      if (!next) return undefined;
      of.push(next);
    } while (this.skip(word));
    return of.length === 1 ? of[0] : { kind, of };
  }

  private one(depth: number): Condition | undefined {
    if (depth > MAX_NESTING) return undefined;
    if (this.skip('!')) {
      const condition = this.one(depth + 1);
      return condition && { kind: 'not', condition };
    }
    if (this.skip('(')) {
      const condition = this.any(depth + 1);
      return condition && this.skip(')') ? condition : undefined;
    }
    const left = this.operand();
    if (!left) return undefined;
    this.take(/^\s*/);
    const operator = this.take(OPERATOR);
    if (operator === undefined) return 'path' in left ? { kind: 'exists', path: left.path } : undefined;
    const right = this.operand();
    return right && { kind: 'compare', left, operator, right };
  }

  private operand(): Operand | undefined {
    this.take(/^\s*/);
    const start = this.text[this.at];
    if (start === '@' || start === '$') return this.path(start === '$');
    const [all, quoted, ...others] = LITERAL.exec(this.text.slice(this.at)) ?? [];
    if (all === undefined) return undefined;
    this.at += all.length;
    return { text: quoted?.replace(/\\(.)/g, '$1') ?? others.find((other) => other !== undefined) ?? '' };
  }

  /** Up to the blank, operator or parenthesis outside of brackets. */
  private path(ofRoot: boolean): Operand {
    const start = ++this.at;
    while (this.at < this.text.length && !/[\s()&|<>=!~]/.test(this.text[this.at] as string)) {
      const size = this.text[this.at] === '[' ? bracketSize(this.text.slice(this.at)) : 1;
      this.at += size ?? 1;
    }
    const written = this.text.slice(start, this.at);
    return { path: { ofRoot, steps: this.readSteps(written, `@${written}`) } };
  }

  private take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.text.slice(this.at))?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private skip(word: string): boolean {
    this.take(/^\s*/);
    if (!this.text.startsWith(word, this.at) || (word === '!' && this.text[this.at + 1] === '=')) return false;
    this.at += word.length;
    return true;
  }
}
