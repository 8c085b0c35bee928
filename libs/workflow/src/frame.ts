import type { Frame, JsonObject, MapItem } from './model.js';

/** A frame before its `Started`. A child's frame gets the `map` and the `variables` of its `StartChildren` entry. */
export function initialFrame(machine: string, map?: MapItem, variables?: JsonObject): Frame {
  return {
    machine,
    stateName: '',
    step: 0,
    input: null,
    status: 'RUNNING',
    retries: {},
    enteredAt: '',
    ...(map && { map }),
    ...(variables && { variables }),
  };
}
