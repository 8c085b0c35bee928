/** Whole numbers from 0 up to, but not, `below`; the same for the same seed (mulberry32). */
export type Dice = (below: number) => number;

export function dice(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const FAILURE = { error: 'Bad', cause: 'always the same' };

/** What the functions of a workflow do: give their input back, fail the first time, or fail always. */
export type Behaviour = 'echo' | 'once' | 'always';

export interface RandomWorkflow {
  readonly definition: object;
  /** By the name of the state. */
  readonly behaviours: ReadonlyMap<string, Behaviour>;
}

/**
 * A workflow whose outcome does not depend on the order in which its tasks are answered: every failure is the same one,
 * and every function gives back what it gets.
 */
export function randomWorkflow(roll: Dice, resource: string): RandomWorkflow {
  const behaviours = new Map<string, Behaviour>();
  let count = 0;
  const machine = (depth: number): object => {
    const names = Array.from({ length: 1 + roll(3) }, () => `S${++count}`);
    const states = names.map((name, n) => [name, state(name, depth, names[n + 1])] as const);
    return { StartAt: names[0], States: Object.fromEntries(states) };
  };
  const state = (name: string, depth: number, next: string | undefined): object => {
    const exit = next === undefined ? { End: true } : { Next: next };
    const kind = depth < 2 ? roll(5) : roll(3);
    if (kind === 3) return { Type: 'Parallel', Branches: branches(depth), ...caught(next), ...exit };
    if (kind === 4) return { Type: 'Map', ...items(roll), ItemProcessor: machine(depth + 1), ...caught(next), ...exit };
    if (kind === 0) return { Type: 'Pass', ...variables(roll, depth), ...exit };
    const behaviour = (['echo', 'echo', 'echo', 'once', 'always'] as const)[roll(5)] ?? 'echo';
    behaviours.set(name, behaviour);
    const retry = behaviour === 'once' ? { Retry: [{ ErrorEquals: ['Bad'], IntervalSeconds: 1, MaxAttempts: 2 }] } : {};
    return { Type: 'Task', Resource: resource, ...retry, ...caught(next), ...exit };
  };
  const branches = (depth: number) => Array.from({ length: 1 + roll(3) }, () => machine(depth + 1));
  const { StartAt, States } = machine(0) as { StartAt: string; States: object };
  const Keep = { Type: 'Pass', Assign: { 'last.$': '$' }, Next: StartAt };
  return { definition: { StartAt: 'Keep', States: { Keep, ...States } }, behaviours };
}

/** What `last` was is seen everywhere, and set at the top only, as AWS wants it. */
const variables = (roll: Dice, depth: number): object => {
  const seen = { Parameters: { 'was.$': '$last', 'is.$': '$' } };
  const kept = depth === 0 ? { Assign: { 'last.$': '$' } } : {};
  return [{}, seen, kept, { ...seen, ...kept }][roll(4)] ?? {};
};

/** The same items wherever it stands, so that what comes in does not matter. */
const items = (roll: Dice): object => ({
  Parameters: { 'item.$': '$$.Map.Item.Value' },
  ItemsPath: '$$.Execution.Input.items',
  ...(roll(2) === 0 && { MaxConcurrency: 1 + roll(3) }),
});

/** A failure that is caught goes on where success would have; at the end of a machine there is nowhere to go. */
const caught = (next: string | undefined): object =>
  next === undefined ? {} : { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: next }] };

/**
 * As `randomWorkflow`, with what is done outside of functions: activities, child workflows, waits and distributed Maps.
 * `echo` and `bad` are child workflows that give their input back, and fail. What is lost with a connection times out.
 */
export function randomOutsideWorkflow(roll: Dice): RandomWorkflow {
  const behaviours = new Map<string, Behaviour>();
  let count = 0;
  const name = (): string => `O${++count}`;
  const task = (given: string, isInside: boolean): object => {
    const resource = ['function:work', 'activity:manual', 'child'][roll(3)] ?? '';
    const chosen = (['echo', 'echo', 'once', 'always'] as const)[roll(isInside ? 3 : 4)] ?? 'echo';
    const behaviour = resource === 'child' && chosen === 'once' ? 'echo' : chosen;
    behaviours.set(given, behaviour);
    const Resource = resource === 'child' ? `workflow:${behaviour === 'always' ? 'bad' : 'echo'}` : resource;
    const lost = { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 50, BackoffRate: 1 };
    const again = { ErrorEquals: ['Bad'], IntervalSeconds: 1, MaxAttempts: 2 };
    const Retry = behaviour === 'once' ? [lost, again] : [lost];
    return { Type: 'Task', Resource, ...(resource === 'activity:manual' && { TimeoutSeconds: 30 }), Retry };
  };
  const inside = (): object => {
    const [first, second] = [name(), name()];
    const States = {
      [first]: { ...task(first, true), Next: second },
      [second]: roll(2) === 0 ? { Type: 'Pass', End: true } : { ...task(second, true), End: true },
    };
    return { StartAt: first, States };
  };
  const many = (): object => {
    const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
    const room = roll(2) === 0 ? { MaxConcurrency: 1 + roll(2) } : {};
    return {
      Type: 'Map',
      ItemsPath: '$$.Execution.Input.items',
      ...room,
      ItemProcessor: { ...inside(), ProcessorConfig },
    };
  };
  const state = (given: string, next: string | undefined): object => {
    const exit = next === undefined ? { End: true } : { Next: next };
    const kind = roll(7);
    if (kind === 0) return { Type: 'Wait', Seconds: 1 + roll(3), ...exit };
    if (kind === 1) return { Type: 'Pass', Assign: { 'last.$': '$' }, ...exit };
    if (kind === 2 || kind === 4) return { ...many(), ResultPath: '$.many', ...caught(next), ...exit };
    if (kind === 3)
      return { Type: 'Parallel', Branches: [inside(), inside()], ResultPath: '$.both', ...caught(next), ...exit };
    return { ...task(given, false), ...caught(next), ...exit };
  };
  const names = Array.from({ length: 2 + roll(3) }, name);
  const states = names.map((given, n) => [given, state(given, names[n + 1])] as const);
  return { definition: { StartAt: names[0], States: Object.fromEntries(states) }, behaviours };
}

/** The same without any Retry and Catch. */
export function unprotected(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unprotected);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'Retry' && key !== 'Catch');
  return Object.fromEntries(kept.map(([key, part]) => [key, unprotected(part)]));
}
