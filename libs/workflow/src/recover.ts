import type { MapState, ParallelState, State, TaskState } from './definition.js';
import { languageOf } from './language/language-of.js';
import { withinLimits } from './limits.js';
import type { Failure } from './model.js';
import { catcherFor, retryFor } from './retry.js';
import type { Move, Scene } from './scene.js';

const mayRecover = (state: State): state is TaskState | ParallelState | MapState =>
  state.Type === 'Task' || state.Type === 'Parallel' || state.Type === 'Map';

/** A failed state is tried again, if its Retry says so. */
export function retried(scene: Scene, state: State, matchedAs: string): Move | undefined {
  if (!mayRecover(state)) return undefined;
  const { frame, around } = scene;
  const retry = retryFor(state.Retry ?? [], matchedAs, frame.retries, () => around.random());
  if (!retry) return undefined;
  const timer = { type: 'StartTimer', step: frame.step + 1, kind: 'retry', at: around.now + retry.delayMs } as const;
  return { type: 'Wait', waiting: 'retry', set: { retries: retry.retries }, commands: [timer] };
}

/** Else it is caught, or else it fails its frame (`undefined`). */
export function caught(scene: Scene, state: State, failure: Failure, matchedAs: string): Move | undefined {
  if (!mayRecover(state)) return undefined;
  const found = catcherFor(state.Catch ?? [], matchedAs);
  if (!found) return undefined;
  const errorOutput = { Error: failure.error, Cause: failure.cause };
  const left = languageOf(scene, state).caught(scene, found.catcher, found.index, errorOutput);
  withinLimits(left.output, 'The caught failure with its input', scene.around.maxDataBytes);
  return { type: 'Leave', left, next: found.catcher.Next };
}
