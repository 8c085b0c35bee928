import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where Spool itself lies, whether this file is run from its source or from dist. */
export function repositoryDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    if (dir === dirname(dir)) throw new Error('Spool cannot find its own folder: there is no package.json above it');
    dir = dirname(dir);
  }
  return dir;
}
