import { join } from 'node:path';
import { TaskFailed } from './task-failed.js';

/** Names become files of ours, so they are letters and digits, whatever the gateway sends. */
const FILE_NAME = /^[\w-][\w.-]{0,254}$/;

interface Named {
  readonly name: string;
}

export type Paths = Readonly<Record<string, string>>;

/** Files of a list are seen as the folder that they are in. */
export const tops = (files: readonly Named[]): Named[] => files.map(({ name }) => ({ name: name.split('/')[0] ?? '' }));

export function pathsOf(kind: 'inputs' | 'outputs', files: readonly Named[], work: string): Paths {
  const paths = files.map(({ name }) => {
    if (!name.split('/').every((part) => FILE_NAME.test(part)))
      throw new TaskFailed('Function.InvalidConfiguration', `${JSON.stringify(name)} cannot be a file's name`);
    return [name, join(work, kind, name)];
  });
  return Object.fromEntries(paths) as Paths;
}
