/** Tasks of one state: how many there are, how many have ended, and how far the others are, in percent all together. */
export interface StateTasks {
  readonly state: string;
  readonly tasks: number;
  readonly ended: number;
  readonly running: number;
  readonly runningPercent: number;
}

/** What a state's tasks were like in an earlier execution that succeeded. */
export interface EarlierState {
  readonly state: string;
  readonly tasks: number;
  /** Of one task, from its start to its end. */
  readonly seconds: number;
}

export interface ExecutionProgress {
  /** Never 100: then it has ended. */
  readonly percent: number;
  /** Left out at the beginning, when nobody can say. */
  readonly etaSeconds?: number;
  readonly tasks: { readonly ended: number; readonly running: number; readonly waiting: number };
}

const MAX_PERCENT = 99;
const LEAST_KNOWN_PERCENT = 2;
/** Of a state that no earlier execution had. */
const UNKNOWN_SECONDS = 1;

/**
 * How far an execution is. Its tasks come one after the other, so the way ahead is that of the last execution that
 * succeeded, each state as long as it was then; without one, only what is known so far counts.
 */
export function rollup(
  now: readonly StateTasks[],
  earlier: readonly EarlierState[],
  elapsedSeconds: number,
): ExecutionProgress {
  const states = new Set([...now, ...earlier].map(({ state }) => state));
  let [done, all] = [0, 0];
  for (const state of states) {
    const known = now.find((each) => each.state === state);
    const before = earlier.find((each) => each.state === state);
    const weight = Math.max(0.01, before?.seconds ?? UNKNOWN_SECONDS);
    all += weight * Math.max(known?.tasks ?? 0, before?.tasks ?? 0);
    done += weight * ((known?.ended ?? 0) + (known?.runningPercent ?? 0) / 100);
  }
  const percent = all === 0 ? 0 : Math.min(MAX_PERCENT, Math.round((done / all) * 1_000) / 10);
  const sum = (of: (state: StateTasks) => number) => now.reduce((total, state) => total + of(state), 0);
  const [ended, running] = [sum((state) => state.ended), sum((state) => state.running)];
  const eta = Math.round((elapsedSeconds * (100 - percent)) / percent);
  return {
    percent,
    ...(percent >= LEAST_KNOWN_PERCENT && { etaSeconds: eta }),
    tasks: { ended, running, waiting: sum(({ tasks }) => tasks) - ended - running },
  };
}
