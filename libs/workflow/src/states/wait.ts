import { effectiveInput, passOn } from '../data-flow.js';
import type { WaitState } from '../definition.js';
import { runtimeFailure } from '../failure.js';
import type { Json } from '../model.js';
import { selectRequired } from '../paths/select.js';
import { type Move, type Scene, sources } from '../scene.js';
import { parseTimestamp } from '../timestamp.js';

const MAX_SECONDS = 99_999_999;

export function enterWait(scene: Scene, state: WaitState): Move {
  const at = endOf(scene, state);
  if (at <= scene.around.now) return leaveWait(scene, state);
  const step = scene.frame.step + 1;
  return { type: 'Wait', waiting: 'wait', commands: [{ type: 'StartTimer', step, kind: 'wait', at }] };
}

export const leaveWait = (scene: Scene, state: WaitState): Move => ({
  type: 'Leave',
  output: passOn(scene, state, effectiveInput(scene, state)),
  next: state.Next,
});

function endOf(scene: Scene, state: WaitState): number {
  const { now } = scene.around;
  const at = (path: string, field: string): Json =>
    selectRequired(path, sources(scene, effectiveInput(scene, state)), field);
  if (state.Seconds !== undefined) return now + state.Seconds * 1000;
  if (state.Timestamp !== undefined) return timeOf(state.Timestamp, 'Timestamp');
  if (state.SecondsPath !== undefined) return now + secondsOf(at(state.SecondsPath, 'SecondsPath')) * 1000;
  return timeOf(at(state.TimestampPath as string, 'TimestampPath'), 'TimestampPath');
}

function secondsOf(value: Json): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_SECONDS) return value as number;
  throw runtimeFailure(`The SecondsPath parameter does not reference an integer value from 0 to ${MAX_SECONDS}.`);
}

function timeOf(value: Json, field: string): number {
  const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (time !== undefined) return time;
  throw runtimeFailure(`The ${field} parameter is not a timestamp of RFC 3339 with an upper-case T and Z.`);
}
