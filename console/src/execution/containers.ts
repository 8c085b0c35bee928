import type { MachineDefinition } from '../api/types.js';

/** Which Parallel and Map states hold a state, from the outside in. */
export type Containers = ReadonlyMap<string, readonly string[]>;

export function containersOf(machine: MachineDefinition, outer: readonly string[] = []): Containers {
  const found = new Map<string, readonly string[]>();
  for (const [name, state] of Object.entries(machine.States)) {
    if (outer.length > 0) found.set(name, outer);
    const inner = [...(state.Branches ?? []), state.ItemProcessor, state.Iterator].filter((one) => one !== undefined);
    for (const child of inner) {
      for (const [inside, holders] of containersOf(child, [...outer, name])) found.set(inside, holders);
    }
  }
  return found;
}
