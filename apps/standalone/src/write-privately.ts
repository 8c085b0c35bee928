import { renameSync, writeFileSync } from 'node:fs';

/** Whole or not at all, and for the owner's eyes only. */
export function writePrivately(path: string, value: unknown): void {
  const partial = `${path}.partial`;
  writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, path);
}
