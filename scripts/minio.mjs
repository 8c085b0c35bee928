// A real MinIO, for tests: built by the Go toolchain from the module proxy, since nobody offers it as a package.
// `node scripts/minio.mjs` prints where it is; the first time takes minutes, any later one nothing.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The last release of its sources, and what the module proxy must give for it. */
const MODULE = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c';
const SUM = 'h1:/qdoYujxF5MBLDMVLeiYJ/7fBa1HikX39Dvzb9Ji8pA=';
const FLUSH = join(import.meta.dirname, 'minio-flush.go');
const CACHE = join(import.meta.dirname, '../.cache');

/** The path of the program. Moved into place when whole, so that an interrupted build is none. */
export function buildMinio() {
  const binary = join(CACHE, `minio-${MODULE.split('-').at(-1)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(CACHE, { recursive: true });
  const { Dir, Sum } = JSON.parse(go(CACHE, 'mod', 'download', '-json', MODULE));
  if (Sum !== SUM) throw new Error(`${MODULE} is not what it was: ${Sum}`);
  const partial = `${binary}.${process.pid}`;
  const sources = `${binary}.src`;
  rmSync(sources, { recursive: true, force: true });
  // Not by cpSync, which keeps that the module cache is read-only.
  execFileSync('cp', ['-r', '--no-preserve=mode', Dir, sources]);
  copyFileSync(FLUSH, join(sources, 'cmd/flush.go'));
  // In the module's own folder its own go.sum counts for all that it needs.
  go(sources, 'build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', partial, '.');
  rmSync(sources, { recursive: true });
  renameSync(partial, binary);
  return binary;
}

function go(cwd, ...args) {
  try {
    const env = { ...process.env, GOWORK: 'off', GOFLAGS: '-buildvcs=false' };
    return execFileSync('go', args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`Go cannot build MinIO: ${error.stderr || error.message}`, { cause: error });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(buildMinio());
