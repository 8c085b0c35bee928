import { constants, accessSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

export interface SearchPlaces {
  readonly path: string;
  /** Where a name with a slash starts from. */
  readonly dir: string;
  /** Where the file is that somebody else sees under this path. */
  readonly onHost?: (path: string) => string | undefined;
}

/** The file that a program's name stands for, as execvp(3) would find it. */
export function findExecutable(name: string, { path, dir, onHost = itself }: SearchPlaces): string | undefined {
  const isThere = (file: string) => isExecutable(onHost(file));
  if (name.includes('/')) return [resolve(dir, name)].find(isThere);
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => resolve(folder, name))
    .find(isThere);
}

const itself = (path: string): string => path;

function isExecutable(file: string | undefined): boolean {
  if (file === undefined) return false;
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
