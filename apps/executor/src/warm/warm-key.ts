import type { Assignment } from '@app/worker-api';

/**
 * Tasks with the same key start the same process, to the last variable of its environment. Undefined for a command:
 * its process is its task.
 */
export function warmKey({ function: version, resources, context }: Assignment): string | undefined {
  const { stallSeconds: _, ...start } = version;
  if (start.runtime === 'command') return undefined;
  const environment = Object.entries(start.environment).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const entries = Object.entries({ ...start, environment, resources, namespace: context.namespace });
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
