import { existsSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CgroupLimits {
  readonly memoryBytes?: number;
  readonly pids?: number;
  readonly vcpu?: number;
  /** Whether `vcpu` is a ceiling, or only the share when others want the cores too. */
  readonly cpu?: 'share' | 'ceiling';
}

export interface CgroupUsage {
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  /** How many processes the kernel killed because the memory was used up. */
  readonly oomKills?: number;
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

/** What v1 and v2 do differently, on one folder of one hierarchy. */
export interface CgroupFolder {
  readonly dir: string;
  limit(limits: CgroupLimits): void;
  /** One blow at everything inside; a caller repeats it until `processesIn` is empty. */
  strike(): void;
  usage(): CgroupUsage;
  /** Of the memory in use now; undefined without the controller. */
  memoryBytes(): number | undefined;
  /** Lets the peak of memory begin anew, as far as the kernel can do that. */
  resetPeak(): void;
  /** Whether it counts all that is written, in the page cache too. */
  readonly hasWholeIo: boolean;
  /** Nothing is asked of it any more. */
  close(): void;
}

/** Processes in a cgroup and in the ones below it, which a function that runs as root can make. */
export function processesIn(dir: string): number[] {
  const own = readText(join(dir, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [...own, ...subfolders(dir).flatMap((name) => processesIn(join(dir, name)))];
}

export function removeTree(dir: string): void {
  for (const name of subfolders(dir)) removeTree(join(dir, name));
  try {
    rmdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EBUSY') throw error; // EBUSY: still used; the next start sweeps it.
  }
}

export function subfolders(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  } catch {
    return [];
  }
}

/**
 * Where a file of a folder is, if the kernel has it there. Each hierarchy has the files of its own controllers only, and
 * to fail at opening one costs ten times what reading one does: what is not there is not looked for again.
 */
export function fileFinder(dir: string): (name: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (!known.has(name)) {
      const path = join(dir, name);
      known.set(name, existsSync(path) ? path : undefined);
    }
    return known.get(name);
  };
}

export function readText(path: string | undefined): string {
  if (path === undefined) return '';
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export const readNumber = (path: string | undefined): number | undefined => {
  const text = readText(path).trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
};

/** The number behind a word in a file of `word number` lines. */
export const readField = (path: string | undefined, field: string): number | undefined => {
  const line = readText(path)
    .split('\n')
    .find((text) => text.startsWith(`${field} `));
  return line === undefined ? undefined : Number(line.slice(field.length + 1));
};

/** The sum of what stands behind a word on all lines: `8:0 Read 4096` in v1, `8:0 rbytes=4096` in v2. */
export const sumFields = (path: string | undefined, word: RegExp): number | undefined => {
  const found = [...readText(path).matchAll(word)];
  return found.length > 0 ? found.reduce((sum, [, bytes]) => sum + Number(bytes), 0) : undefined;
};

/** Writes a control file; false if the kernel does not have it or refuses. */
export function tryWrite(path: string | undefined, text: string): boolean {
  if (path === undefined) return false;
  try {
    writeFileSync(path, text, { flag: 'r+' }); // Never create: a missing control file must not become a plain file.
    return true;
  } catch {
    return false;
  }
}
