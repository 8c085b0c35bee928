import { readdirSync, readFileSync } from 'node:fs';

let tokens = 0;

/** A number for the command line of a program and all that it starts, which no cleared environment and no setsid hides. */
export const newToken = (): string => `9${process.pid}${tokens++}.${Math.floor(Math.random() * 1e6)}`;

/** Processes, other than this one, with the token on their command line. */
export const livingWith = (token: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(token));

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
