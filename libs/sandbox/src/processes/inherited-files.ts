import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2_000_000;

/**
 * Closes what whoever started us has left open in us, beyond the first three. Node opens nothing without marking it to be
 * closed in children, and marks the first few that it finds; what is beyond a gap, as a shell's own files are, would
 * pass through us into every function. To be called before anything else is opened by native code.
 */
export function closeInherited(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) if (Number(name) > 2 && isInherited(name)) closeSync(Number(name));
}

/** proc(5), /proc/PID/fdinfo: `flags: 02004002`, octal. */
function isInherited(fd: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false; // The one by which the folder was read.
  }
}
