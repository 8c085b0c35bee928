import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import { UsageError } from './connection.js';

/** JSON as it stands, `@FILE`, or `-` for the standard input. */
export async function readJson(given: string, what: string): Promise<unknown> {
  const source = given === '-' ? await text(process.stdin) : given.startsWith('@') ? readText(given.slice(1)) : given;
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new UsageError(`${what} is not JSON: ${(error as Error).message}`);
  }
}

export const readJsonFile = (path: string): Promise<unknown> => readJson(path === '-' ? '-' : `@${path}`, path);

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/** For commander: a whole number that is at least 1. */
export function count(given: string): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

/** As `count`, or 0. */
export function whole(given: string): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('It must be a whole number.');
  return number;
}
