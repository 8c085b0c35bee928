import type { Json, State, StateMachine, SubMachine } from '../src/index.js';

/** A draw from 0 up to, but not, 1: the same seed gives the same draws (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A small machine that ends, whatever its tasks answer: states lead forward only. */
export class RandomMachine {
  private named = 0;
  private readonly draw: () => number;

  constructor(seed: number) {
    this.draw = draws(seed);
  }

  definition(): StateMachine {
    const isJsonata = this.draw() < 0.3;
    return { ...this.machine(2, isJsonata), ...(isJsonata && { QueryLanguage: 'JSONata' as const }) };
  }

  private machine(depth: number, isJsonata: boolean): SubMachine {
    const names = Array.from({ length: 1 + this.below(4) }, () => `S${this.named++}`);
    const states = names.map((name, index): [string, State] => {
      const next = names[index + 1];
      return [name, this.state({ depth, isJsonata, next, later: names.slice(index + 1), name })];
    });
    return { StartAt: names[0] as string, States: Object.fromEntries(states) };
  }

  private state(place: Place): State {
    const { next, isJsonata, name } = place;
    const end = next === undefined ? { End: true } : { Next: next };
    const assign = isJsonata ? { Assign: { [name]: '{% $states.input %}' } } : { Assign: { [`${name}.$`]: '$' } };
    const some = this.draw() < 0.4 ? assign : {};
    switch (this.below(place.depth > 0 ? 7 : 4)) {
      case 0:
        return { Type: 'Pass', ...some, ...end };
      case 1:
        return { Type: 'Wait', Seconds: 1 + this.below(5), ...end };
      case 2:
        if (next !== undefined) return this.choice(place, next);
        return {
          Type: 'Task',
          Resource: 'function:work',
          TimeoutSeconds: 60,
          ...this.recovery(place),
          ...some,
          ...end,
        };
      case 3:
        return {
          Type: 'Task',
          Resource: 'function:work',
          TimeoutSeconds: 60,
          ...this.recovery(place),
          ...some,
          ...end,
        };
      case 4:
      case 5:
        return { Type: 'Parallel', Branches: this.branches(place), ...this.recovery(place), ...some, ...end };
      default:
        return this.map(place, end);
    }
  }

  private choice({ isJsonata, later }: Place, next: string): State {
    const Next = later[this.below(later.length)] as string;
    const rule = isJsonata
      ? { Condition: '{% $type($states.input) = "number" %}', Next }
      : { Variable: '$', IsNumeric: true, Next };
    return { Type: 'Choice', Choices: [rule], Default: next };
  }

  private map(place: Place, end: object): State {
    const items: Json[] = Array.from({ length: this.below(4) }, (_, index) => index);
    const list = place.isJsonata
      ? { Items: items }
      : { Parameters: { 'in.$': '$$.Map.Item.Value' }, ItemsPath: '$$.Execution.Input' };
    const ItemProcessor = this.machine(place.depth - 1, place.isJsonata);
    const state = {
      Type: 'Map',
      ItemProcessor,
      MaxConcurrency: this.below(3),
      ...list,
      ...this.recovery(place),
      ...end,
    };
    return state as State;
  }

  private branches(place: Place): SubMachine[] {
    return Array.from({ length: 1 + this.below(3) }, () => this.machine(place.depth - 1, place.isJsonata));
  }

  private recovery({ later }: Place): Pick<Extract<State, { Type: 'Task' }>, 'Retry' | 'Catch'> {
    const Next = later[this.below(later.length)];
    return {
      ...(this.draw() < 0.5 && { Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: this.below(3) }] }),
      ...(Next !== undefined && this.draw() < 0.5 && { Catch: [{ ErrorEquals: ['States.ALL'], Next }] }),
    };
  }

  private below(count: number): number {
    return Math.floor(this.draw() * count);
  }
}

interface Place {
  readonly depth: number;
  readonly isJsonata: boolean;
  readonly name: string;
  readonly next: string | undefined;
  readonly later: readonly string[];
}
