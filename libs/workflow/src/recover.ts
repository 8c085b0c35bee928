import type { State } from './definition.js';
import { languageOf } from './language/language-of.js';
import { withinLimits } from './limits.js';
import type { Failure } from './model.js';
import { catcherFor, retryFor } from './retry.js';
import type { Move, Scene } from './scene.js';

/** A failed state is tried again, else caught, else it fails its frame (`undefined`). */
export function recover(scene: Scene, state: State, failure: Failure, matchedAs = failure.error): Move | undefined {
  if (state.Type !== 'Task' && state.Type !== 'Parallel' && state.Type !== 'Map') return undefined;
  const { frame, around } = scene;
  const retry = retryFor(state.Retry ?? [], matchedAs, frame.retries, () => around.random());
  if (retry) {
    const timer = { type: 'StartTimer', step: frame.step + 1, kind: 'retry', at: around.now + retry.delayMs } as const;
    return { type: 'Wait', waiting: 'retry', set: { retries: retry.retries }, commands: [timer] };
  }
  const found = catcherFor(state.Catch ?? [], matchedAs);
  if (!found) return undefined;
  const errorOutput = { Error: failure.error, Cause: failure.cause };
  const left = languageOf(scene, state).caught(scene, found.catcher, found.index, errorOutput);
  withinLimits(left.output, 'The caught failure with its input', around.maxDataBytes);
  return { type: 'Leave', left, next: found.catcher.Next };
}
