import type { ValueRef } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { isLarge, refOf } from '../payloads/payload-marks.js';
import type { Changes } from './changes.js';
import { valuesOf } from './stored-frame.js';

/** Of all that a user's data can make large in what will be written about an execution, what is. */
export function largeIn({
  execution,
  created,
  changed,
  history,
  tasks,
  fences,
  ending,
  isNew,
  further,
}: Changes): Json[] {
  const large = new Set<Json>();
  let last: Json | undefined;
  const look = (value: Json | undefined): void => {
    // What goes on unchanged comes several times in a row.
    if (value === last) return;
    last = value;
    if (isLarge(value)) large.add(value);
  };
  for (const frame of created.values()) valuesOf(frame.state).forEach(look);
  for (const frame of changed.values()) valuesOf(frame.state).forEach(look);
  for (const { details } of history) Object.values(details as JsonObject).forEach(look);
  for (const { payload } of tasks) look(payload as Json);
  for (const fence of fences) if (fence.type === 'task') look(fence.ending.output as Json | undefined);
  if (isNew) look(execution.input);
  look(ending?.output);
  further.forEach(look);
  return [...large];
}

/** Where the large ones are that are in the object store. */
export const refsIn = ({ large, execution }: Changes): ValueRef[] =>
  large.map((value) => refOf(value, execution.namespace)).filter((ref) => ref !== undefined);
