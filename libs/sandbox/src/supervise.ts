import { setTimeout as sleep } from 'node:timers/promises';
import type { KillReport, Usage } from '@app/worker-api';
import type { Exit, Instance } from './sandbox.js';

export type StopReason = 'cancelled' | 'shutdown';

export interface Supervision {
  readonly timeoutMs: number;
  /** How long processes may take to stop when asked, before they are killed. */
  readonly graceMs: number;
  /** Stops the task; the abort's reason is a `StopReason`. */
  readonly signal: AbortSignal;
  /** Settles when the program has nothing more to do, though it lives on: a function that has answered. */
  readonly answered?: Promise<unknown>;
  /** Asked when it has answered: with true the instance lives on, and nothing is ended or given back. */
  readonly stays?: () => Promise<boolean>;
  /** Something watches the program and finds that it has to end. */
  readonly alarm?: Promise<Alarm>;
}

export type Alarm = 'stalled' | 'disk';
export type Ending = Trigger | 'crashed' | 'oom';

export interface Supervised {
  readonly how: Ending;
  /** Of the first process; undefined if it could not be killed. */
  readonly exit: Exit | undefined;
  readonly usage: Usage;
  /** It lives on. */
  readonly isKept?: true;
}

export type Trigger = 'exit' | 'answered' | 'timeout' | Alarm | StopReason;
const POLL_MS = 10;

/**
 * Waits for the end of an instance, however that comes, and then makes sure of it: when this returns, no
 * process of the instance is alive and what it held is given back. A program that exited with 0 is no
 * exception: it may have left a daemon. The one exception is an instance that `stays`.
 */
export async function supervise(instance: Instance, supervision: Supervision): Promise<Supervised> {
  const startedAt = performance.now();
  const trigger = await firstEnd(instance, supervision);
  const wallMs = elapsed(startedAt);
  if (trigger === 'answered' && (await supervision.stays?.())) {
    const { oomKills: _, ...measured } = instance.usage();
    return { how: trigger, exit: undefined, usage: { wallMs, ending: trigger, ...measured }, isKept: true };
  }
  return conclude(instance, { trigger, graceMs: supervision.graceMs, startedAt });
}

/** Makes an end of an instance, for this reason; afterwards nothing of it is alive and what it held is given back. */
export async function conclude(instance: Instance, step: EndStep): Promise<Supervised> {
  const { trigger, startedAt } = step;
  const wallMs = elapsed(startedAt);
  const kill = await end(instance, step);
  const { oomKills = 0, ...measured } = instance.usage();
  await instance.release();
  const exit = await Promise.race([instance.exited, Promise.resolve(undefined)]);
  const how = endingOf(trigger, exit, oomKills);
  return {
    how,
    exit,
    usage: {
      wallMs,
      ending: how,
      ...measured,
      ...(kill && { kill }),
      ...(exit && trigger !== 'answered' && { exitCode: exit.code, signal: exit.signal }),
    },
  };
}

async function firstEnd(instance: Instance, { timeoutMs, signal, answered, alarm }: Supervision): Promise<Trigger> {
  const stop = new AbortController();
  const { signal: over } = stop;
  const stopped = new Promise<Trigger>((resolve) => {
    if (signal.aborted) resolve(signal.reason as StopReason);
    signal.addEventListener('abort', () => resolve(signal.reason as StopReason), { once: true, signal: over });
  });
  const timeout = sleep(timeoutMs, 'timeout' as const, { signal: over }).catch(() => stopped);
  try {
    return await Promise.race([
      stopped,
      ...(alarm ? [alarm] : []),
      ...(answered ? [answered.then(() => 'answered' as const)] : []),
      instance.exited.then(() => 'exit' as const),
      timeout,
    ]);
  } finally {
    stop.abort();
  }
}

export interface EndStep {
  readonly trigger: Trigger;
  readonly graceMs: number;
  readonly startedAt: number;
}

/** Asks, waits, kills. Returns the record of it, or undefined if there was nothing to end. */
async function end(instance: Instance, { trigger, graceMs, startedAt }: EndStep): Promise<KillReport | undefined> {
  const begunAt = performance.now();
  const wasStopped = trigger !== 'exit' && trigger !== 'answered';
  const signals: KillReport['signals'] = [];
  let alive = instance.processes();
  const found = new Set(alive);
  // What fills the disk would go on with that for all of its grace.
  if (wasStopped && trigger !== 'disk') {
    signals.push({ signal: 'SIGTERM', atMs: elapsed(startedAt) });
    instance.terminate();
    await untilEmpty(instance, graceMs, found);
    alive = instance.processes();
  }
  if (alive.length > 0) signals.push({ signal: 'SIGKILL', atMs: elapsed(startedAt) });
  const expected = wasStopped ? [] : instance.expected();
  const findings = await instance.kill();
  for (const pid of findings.found) found.add(pid);
  for (const pid of expected) found.delete(pid);
  if (!wasStopped && found.size === 0 && findings.left === 0) return undefined;
  const report = { processesFound: found.size, processesLeft: findings.left, tookMs: elapsed(begunAt) };
  return { reason: wasStopped ? trigger : 'leftovers', signals, ...report };
}

async function untilEmpty(instance: Instance, patienceMs: number, found: Set<number>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const alive = instance.processes();
    if (alive.length === 0) return;
    for (const pid of alive) found.add(pid);
    await sleep(POLL_MS);
  }
}

function endingOf(trigger: Trigger, exit: Exit | undefined, oomKills: number): Ending {
  if (trigger !== 'exit' || !exit) return trigger;
  const wasKilled = exit.signal === 'SIGKILL' || exit.code === 137;
  if (wasKilled && oomKills > 0) return 'oom';
  return exit.signal ? 'crashed' : 'exit';
}

const elapsed = (since: number): number => Math.round((performance.now() - since) * 10) / 10;
