import type { ValueRef } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import type { StoredHistoryEvent } from '../executions/history.repository.js';

export interface StateEntry {
  readonly input: Json;
  readonly variables: JsonObject;
}

/** What a state of the whole workflow was given when control came to it the last time. */
export async function lastEntry(
  history: AsyncIterable<StoredHistoryEvent>,
  stateName: string,
  load: (ref: ValueRef) => Promise<Json>,
): Promise<StateEntry | undefined> {
  let variables: JsonObject = {};
  let entry: StateEntry | undefined;
  for await (const { frameId, type, details, refs = {} } of history) {
    if (frameId !== 0) continue;
    const { name, input = null, assignedVariables } = details as JsonObject;
    if (type.endsWith('StateEntered') && name === stateName)
      entry = { input: refs['input'] ? await load(refs['input']) : input, variables };
    if (!type.endsWith('StateExited')) continue;
    const assigned = refs['assignedVariables'] ? await load(refs['assignedVariables']) : assignedVariables;
    if (assigned) variables = { ...variables, ...(assigned as JsonObject) };
  }
  return entry;
}
