import type { Execution, HistoryEvent, Json, LargeValue } from '../api/types.js';
import type { Containers } from './containers.js';

export type RunStatus = 'RUNNING' | 'RETRYING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One visit of one state: a loop or a Map visits the same state many times. */
export interface StateRun {
  /** Id of the history event of its entry. */
  readonly id: number;
  readonly stateName: string;
  readonly type: string;
  readonly frameId: number;
  readonly enteredAt: string;
  readonly input: Json | undefined;
  readonly inputDetails?: LargeValue;
  endedAt?: string;
  status: RunStatus;
  output?: Json;
  outputDetails?: LargeValue;
  error?: string;
  cause?: string;
  /** How often it was tried; 0 for a state that runs nothing. */
  tries: number;
  /** Of a Map or Parallel: how many lines it has and how many are done. */
  children?: { total: number; done: number };
}

/** The line of control that an execution begins with. */
const rootFrame = 0;

const failures =
  /^(Task|LambdaFunction|Activity|MapState|ParallelState|State)?(Failed|TimedOut|ScheduleFailed|StartFailed|SubmitFailed)$/;

/**
 * Reads the history from the first event to the last and gives the visits in the order of their entry.
 * Nothing is written when a line of a failed Parallel or Map is stopped: `containers` tells which visits that ended.
 */
export function stateRuns(
  history: readonly HistoryEvent[],
  execution: Pick<Execution, 'status' | 'endedAt'>,
  containers: Containers = new Map(),
): StateRun[] {
  const runs: StateRun[] = [];
  const current = new Map<number, StateRun>();
  for (const event of history) {
    if (event.type.endsWith('StateEntered')) {
      const run = entered(event);
      runs.push(run);
      current.set(event.frameId, run);
      continue;
    }
    if (event.type === 'ExecutionRedriven') for (const open of current.values()) goesOn(open);
    const run = current.get(event.frameId);
    if (run && failsInside(run, event)) stopInside(run, runs, containers, event.at);
    if (run) happened(run, event, history);
    if (event.type.endsWith('StateExited')) current.delete(event.frameId);
    countChildren(event, runs, run);
  }
  if (execution.status !== 'RUNNING') endWith(runs, execution);
  return runs;
}

/** That it failed is told once no retry is left; before, it only starts anew. */
const failsInside = (run: StateRun, { type }: HistoryEvent): boolean =>
  /^(Map|Parallel)StateFailed$/.test(type) || (run.tries > 0 && /^(Map|Parallel)StateStarted$/.test(type));

function stopInside(container: StateRun, runs: readonly StateRun[], containers: Containers, at: string): void {
  const { stateName, id } = container;
  // Two visits at a time, of a Map inside a Map: the history does not say whose lines these are.
  if (runs.some((run) => run !== container && run.stateName === stateName && run.endedAt === undefined)) return;
  for (const run of runs) {
    if (run.endedAt !== undefined || run.id < id || !containers.get(run.stateName)?.includes(stateName)) continue;
    run.endedAt = at;
    run.status = isFailed(run) ? failedStatus(run) : 'ABORTED';
  }
}

/** What had not come to its end when the execution ended goes on. */
function goesOn(run: StateRun): void {
  run.status = 'RUNNING';
  run.endedAt = undefined;
  run.error = undefined;
  run.cause = undefined;
}

function entered(event: HistoryEvent): StateRun {
  return {
    id: event.id,
    stateName: text(event.details.name) ?? '?',
    type: event.type.replace(/StateEntered$/, ''),
    frameId: event.frameId,
    enteredAt: event.at,
    input: event.details.input,
    inputDetails: event.details.inputDetails as LargeValue | undefined,
    status: 'RUNNING',
    tries: 0,
  };
}

function happened(run: StateRun, event: HistoryEvent, history: readonly HistoryEvent[]): void {
  const { type, details } = event;
  if (type.endsWith('StateExited')) {
    run.status = run.error === undefined ? 'SUCCEEDED' : 'CAUGHT';
    run.endedAt = event.at;
    run.output = details.output;
    run.outputDetails = details.outputDetails as LargeValue | undefined;
  } else if (failures.test(type)) {
    run.status = 'RETRYING';
    const { error, cause } = type.endsWith('StateFailed') ? failureBefore(event, history) : details;
    run.error = text(error) ?? (type.endsWith('TimedOut') ? 'States.Timeout' : type);
    run.cause = text(cause);
  } else if (/^(Task|LambdaFunction|Activity)Scheduled$/.test(type) || type.endsWith('StateStarted')) {
    run.tries += 1;
    run.status = 'RUNNING';
  } else if (/^(Task|LambdaFunction|Activity|MapState|ParallelState)Succeeded$/.test(type)) {
    run.error = undefined;
    run.cause = undefined;
  }
}

/** A Map or Parallel does not say of what it failed: that stands on the line that ended it. */
function failureBefore(failed: HistoryEvent, history: readonly HistoryEvent[]): HistoryEvent['details'] {
  const first = history[0]?.id ?? 1;
  for (let event = history[failed.previousEventId - first]; event; event = history[event.previousEventId - first])
    if (event.details.error !== undefined || event.type.endsWith('Entered')) return event.details;
  return {};
}

function countChildren(event: HistoryEvent, runs: readonly StateRun[], own: StateRun | undefined): void {
  if (event.type === 'MapStateStarted' || event.type === 'ParallelStateStarted') {
    const total = Number(event.details.length ?? 0);
    if (own) own.children = { total: Number.isFinite(total) ? total : 0, done: 0 };
  }
  if (event.type === 'MapIterationSucceeded') {
    const name = text(event.details.name);
    const map = own?.children
      ? own
      : runs.findLast((run) => run.children && (name === undefined || run.stateName === name));
    if (map?.children) map.children.done += 1;
  }
}

/** States that were still open when the execution ended share its end. */
function endWith(runs: readonly StateRun[], execution: Pick<Execution, 'status' | 'endedAt'>): void {
  for (const run of runs) {
    if (run.endedAt !== undefined) continue;
    run.endedAt = execution.endedAt ?? run.enteredAt;
    run.status = openAtTheEnd(run, execution.status);
  }
}

function openAtTheEnd(run: StateRun, status: Execution['status']): RunStatus {
  if (status === 'SUCCEEDED') return 'SUCCEEDED';
  if (isFailed(run) || (status === 'FAILED' && run.frameId === rootFrame)) return failedStatus(run);
  // What was busy elsewhere was stopped.
  return status === 'TIMED_OUT' ? 'TIMED_OUT' : 'ABORTED';
}

function isFailed(run: StateRun): boolean {
  return run.error !== undefined || run.type === 'Fail';
}

function failedStatus(run: StateRun): RunStatus {
  return run.error === 'States.Timeout' ? 'TIMED_OUT' : 'FAILED';
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What a drawing shows for a state that was visited any number of times: the most urgent, else the latest. */
export function overall(runs: readonly StateRun[]): RunStatus | 'IDLE' {
  const urgent = (['RUNNING', 'RETRYING'] as const).find((status) => runs.some((run) => run.status === status));
  if (urgent) return urgent;
  const failed = runs.find((run) => run.status === 'FAILED' || run.status === 'TIMED_OUT');
  return failed?.status ?? runs.at(-1)?.status ?? 'IDLE';
}

export function runsByState(runs: readonly StateRun[]): Map<string, StateRun[]> {
  const byState = new Map<string, StateRun[]>();
  for (const run of runs) {
    const known = byState.get(run.stateName);
    if (known) known.push(run);
    else byState.set(run.stateName, [run]);
  }
  return byState;
}
