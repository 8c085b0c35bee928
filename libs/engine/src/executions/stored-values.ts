import type { ValueRef } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { isLarge, refOf } from '../payloads/payload-marks.js';
import type { Changes } from './changes.js';
import { valuesOf } from './stored-frame.js';

/** All that a user's data can make large in what will be written about an execution. */
function* valuesIn(changes: Changes): Generator<Json | undefined> {
  const { execution, created, changed, history, tasks, fences, ending, isNew, further } = changes;
  for (const frame of created.values()) yield* valuesOf(frame.state);
  for (const frame of changed.values()) yield* valuesOf(frame.state);
  for (const { details } of history) yield* Object.values(details as JsonObject);
  for (const { payload } of tasks) yield payload as Json;
  for (const fence of fences) if (fence.type === 'task') yield fence.ending.output as Json | undefined;
  if (isNew) yield execution.input;
  yield ending?.output;
  yield* further;
}

export function largeIn(changes: Changes): Json[] {
  const large = new Set<Json>();
  let last: Json | undefined;
  for (const value of valuesIn(changes)) {
    // What goes on unchanged comes several times in a row.
    if (value === last) continue;
    last = value;
    if (isLarge(value)) large.add(value);
  }
  return [...large];
}

/** Where the large ones are that are in the object store. */
export const refsIn = ({ large, execution }: Changes): ValueRef[] =>
  large.map((value) => refOf(value, execution.namespace)).filter((ref) => ref !== undefined);
