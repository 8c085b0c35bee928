import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = 'awslambdaric==4.2.2';
const PLACE = join(import.meta.dirname, '../../.cache/stock-clients');

/**
 * The folder of AWS' own Runtime Interface Client for Python as PyPI has it, unchanged; fetched once. (The one of npm
 * is made of C++ at its installation, which takes minutes and autotools; it was tried by hand.)
 */
export function awsLambdaRic(): string {
  const dir = join(PLACE, PACKAGE);
  if (existsSync(dir)) return dir;
  mkdirSync(PLACE, { recursive: true });
  const partial = mkdtempSync(join(PLACE, 'partial-'));
  const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', partial, PACKAGE];
  const { status, stderr } = spawnSync('python3', words, { encoding: 'utf8', timeout: 240_000 });
  if (status !== 0) throw new Error(`${PACKAGE} cannot be installed: ${stderr}`);
  renameSync(partial, dir);
  return dir;
}
