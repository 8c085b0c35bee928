import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = 'libs/sandbox/runtimes';

/**
 * The folder of the bootstraps (and of the guard's script): plain files that node, python3 and sh run. They are not compiled,
 * so they stay in `libs/sandbox/runtimes`, seen from `libs/` and from `dist/` alike. An image of the executor
 * has to contain that folder beside `dist/`.
 */
export function runtimesDir(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    if (existsSync(join(dir, PLACE, 'nodejs.mjs'))) return join(dir, PLACE);
    if (dir === dirname(dir)) throw new Error(`The folder ${PLACE} is missing; it has to lie beside dist/`);
  }
}
