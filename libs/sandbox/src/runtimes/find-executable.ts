import { constants, accessSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

export interface SearchPlaces {
  readonly path: string;
  /** Where a name with a slash starts from. */
  readonly dir: string;
}

/** The file that a program's name stands for, as execvp(3) would find it. */
export function findExecutable(name: string, { path, dir }: SearchPlaces): string | undefined {
  if (isAbsolute(name)) return isExecutable(name) ? name : undefined;
  if (name.includes('/')) return [resolve(dir, name)].find(isExecutable);
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => resolve(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
