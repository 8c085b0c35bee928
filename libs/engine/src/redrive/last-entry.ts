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
): Promise<StateEntry | undefined> {
  let variables: JsonObject = {};
  let entry: StateEntry | undefined;
  for await (const { frameId, type, details } of history) {
    if (frameId !== 0) continue;
    const { name, input = null, assignedVariables } = details as JsonObject;
    if (type.endsWith('StateEntered') && name === stateName) entry = { input, variables };
    if (type.endsWith('StateExited') && assignedVariables)
      variables = { ...variables, ...(assignedVariables as JsonObject) };
  }
  return entry;
}
