import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runtimesDir } from '../runtimes/runtimes-dir.js';

export interface Guard {
  /** Ends the guard; it kills nothing that is not there. */
  release(): Promise<void>;
}

/**
 * A shell that waits for us to die: it reads from a pipe whose other end only we hold, so a `kill -9` of the
 * executor ends the read, and it kills all that our cgroups hold. PR_SET_PDEATHSIG reaches only the first
 * process of a sandbox; this reaches all of them, without waiting for the next start. 1 MB of memory.
 */
export function startGuard(dirs: readonly string[]): Guard | undefined {
  const shell = spawn('/bin/sh', [join(runtimesDir(), 'guard.sh'), ...dirs], {
    detached: true, // A group of its own: what is sent to ours, a Ctrl-C say, must not end it first.
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  shell.on('error', () => {}); // No shell, no guard: the next start sweeps.
  shell.stdin.on('error', () => {});
  if (shell.pid === undefined) return undefined;
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return {
    async release() {
      if (shell.exitCode !== null || shell.signalCode !== null) return;
      const ended = once(shell, 'exit');
      shell.ref();
      shell.stdin.end();
      await ended;
    },
  };
}
