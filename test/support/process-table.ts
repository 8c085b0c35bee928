import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** Living processes whose environment or command line has this text, without us. */
export function processesWith(text: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const commandLine = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ');
      const belongs = commandLine.includes(text) || read(`/proc/${name}/environ`).includes(text);
      return belongs && isAlive(name) ? [{ pid: Number(name), commandLine }] : [];
    });
}

/** A zombie runs nothing any more: it only waits for its parent to read its exit code. */
function isAlive(pid: string): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
