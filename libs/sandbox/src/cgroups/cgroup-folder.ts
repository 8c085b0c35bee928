import { readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
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
  /** Lets the peak of memory begin anew, if the kernel can do that. */
  resetPeak(): void;
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

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export const readNumber = (path: string): number | undefined => {
  const text = readText(path).trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
};

/** The number behind a word in a file of `word number` lines. */
export const readField = (path: string, field: string): number | undefined => {
  const line = readText(path)
    .split('\n')
    .find((text) => text.startsWith(`${field} `));
  return line === undefined ? undefined : Number(line.slice(field.length + 1));
};

/** The sum of what stands behind a word on all lines: `8:0 Read 4096` in v1, `8:0 rbytes=4096` in v2. */
export const sumFields = (path: string, word: RegExp): number | undefined => {
  const found = [...readText(path).matchAll(word)];
  return found.length > 0 ? found.reduce((sum, [, bytes]) => sum + Number(bytes), 0) : undefined;
};

/** Writes a control file; false if the kernel does not have it or refuses. */
export function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'r+' }); // Never create: a missing control file must not become a plain file.
    return true;
  } catch {
    return false;
  }
}
