import { copyFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Lays out a function's package as it is deployed: exactly the `files` of its function.json. */
export function layOut(functionDir, target) {
  const definition = JSON.parse(readFileSync(join(functionDir, 'function.json'), 'utf8'));
  for (const [path, from] of Object.entries(definition.files)) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    if (path.endsWith('/')) cpSync(resolve(functionDir, from), join(target, path), { recursive: true });
    else copyFileSync(resolve(functionDir, from), join(target, path));
  }
  return definition;
}
