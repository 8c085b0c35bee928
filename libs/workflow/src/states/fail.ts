import type { FailState } from '../definition.js';
import { runtimeFailure } from '../failure.js';
import { evaluateIntrinsic, isIntrinsic } from '../intrinsics/evaluate.js';
import { selectRequired } from '../paths/select.js';
import { type Move, type Scene, sources } from '../scene.js';

export function enterFail(scene: Scene, { Error, ErrorPath, Cause, CausePath }: FailState): Move {
  const error = Error ?? (ErrorPath === undefined ? '' : textAt(scene, ErrorPath, 'ErrorPath'));
  const cause = Cause ?? (CausePath === undefined ? '' : textAt(scene, CausePath, 'CausePath'));
  return { type: 'Fail', failure: { error, cause } };
}

function textAt(scene: Scene, path: string, field: string): string {
  const from = sources(scene, scene.frame.input);
  const value = isIntrinsic(path) ? evaluateIntrinsic(path, from, scene.around) : selectRequired(path, from, field);
  if (typeof value !== 'string') throw runtimeFailure(`The ${field} '${path}' does not reference a string.`);
  return value;
}
