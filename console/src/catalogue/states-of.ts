import type { MachineDefinition } from '../api/types.js';

/** The machines of a definition by the names of their states: a name stands once in all of it. */
export function machinesByState(
  machine: MachineDefinition,
  found = new Map<string, MachineDefinition>(),
): Map<string, MachineDefinition> {
  for (const [name, state] of Object.entries(machine.States)) {
    found.set(name, machine);
    const { Branches = [], ItemProcessor, Iterator } = state;
    for (const inner of [...Branches, ItemProcessor, Iterator]) if (inner) machinesByState(inner, found);
  }
  return found;
}
