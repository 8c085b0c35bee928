import type { Supervised } from '../supervise.js';
import { type Failure, toFailure } from './failure.js';
import type { FunctionEnd, FunctionRun } from './function-run.js';
import type { Tail } from './tail.js';

export interface Watched {
  readonly ended: Supervised;
  readonly stdout: Tail;
  readonly stderr: Tail;
}

/** Before an instance wants its first event it is in its init phase: nothing of the handler has seen an event yet. */
export type Phase = 'init' | 'invocation';

export type BadEnd = Exclude<FunctionEnd, { readonly status: 'SUCCEEDED' }>;

type BadEndUsage = Extract<BadEnd, { readonly status: 'FAILED' | 'TIMED_OUT' | 'CANCELLED' }>['usage'];

/** What of a run the words about its end need. */
export type RunLimits = Pick<FunctionRun, 'timeoutMs' | 'stallMs' | 'diskBytes' | 'memoryMb'>;

/** The end of a run that did not come to an answer. */
export function endedBadly(run: RunLimits, watched: Watched, phase: Phase = 'invocation'): BadEnd {
  const { how, usage } = watched.ended;
  if (how === 'shutdown') return { status: 'SHUTDOWN' };
  if (how === 'cancelled')
    return { status: 'CANCELLED', ...toFailure('Task.Cancelled', { errorMessage: 'The task was cancelled' }), usage };
  if (how === 'timeout') {
    const errorMessage = `The function did not end within ${run.timeoutMs / 1000} seconds`;
    return { status: 'TIMED_OUT', ...toFailure('States.Timeout', { errorMessage, ...inPhase(phase) }), usage };
  }
  return { status: 'FAILED', ...failureOf(run, watched, phase), usage };
}

/** Of a call that was well itself. */
export const endedWithAnother = (usage: BadEndUsage): BadEnd => ({
  status: 'FAILED',
  ...toFailure('Function.InstanceEnded', {
    errorMessage: 'Another call that the same instance served ended badly, and the instance was ended with it',
  }),
  usage,
});

const inPhase = (phase: Phase): { phase?: 'init' } => (phase === 'init' ? { phase } : {});

function failureOf(run: RunLimits, { ended: { how, exit }, stderr }: Watched, phase: Phase): Failure {
  if (how === 'stalled') {
    const errorMessage = `The function's progress did not advance for ${(run.stallMs ?? 0) / 1000} seconds`;
    return toFailure('Function.Stalled', { errorMessage });
  }
  if (how === 'disk') {
    const errorMessage = `The function's files grew beyond ${run.diskBytes} bytes, or lie deeper than a path can name`;
    return toFailure('Function.DiskFull', { errorMessage });
  }
  // V8 gives up on its own heap limit with an abort; for a user that is the same as the cgroup's limit.
  if (how === 'oom' || /JavaScript heap out of memory/.test(stderr.text())) {
    const errorMessage = `The function used more than its ${run.memoryMb} MB of memory`;
    return toFailure('Function.OutOfMemory', { errorMessage, ...inPhase(phase) });
  }
  const isCrash = exit?.signal !== null;
  const manner = exit?.signal ? `was ended by ${exit.signal}` : `exited with ${exit?.code ?? 'no code'}`;
  const said = { stderr: stderr.text(), trace: [] };
  if (phase === 'init') {
    const errorMessage = `The runtime ${manner} before it asked for an event`;
    return toFailure('Runtime.ExitError', { errorMessage, ...said, phase });
  }
  const errorMessage = `The process ${manner} before the function had answered`;
  return toFailure(isCrash ? 'Function.Crashed' : 'Function.Exited', { errorMessage, ...said });
}
