import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Guard {
  /** Ends the guard; it kills nothing that is not there. */
  release(): Promise<void>;
}

/**
 * A shell that waits for us to die: it reads from a pipe whose other end only we hold, so a `kill -9` of the
 * executor ends the read, and it kills all that our cgroups hold. PR_SET_PDEATHSIG reaches only the first
 * process of a sandbox; this reaches all of them, without waiting for the next start. 1 MB of memory.
 */
const SCRIPT = `
trap '' HUP INT TERM
read -r _
round=0
while [ $round -lt 500 ]; do
  left=0
  for dir in "$@"; do
    for sandbox in "$dir"/*/; do
      [ -f "$sandbox/pids.max" ] && echo 0 > "$sandbox/pids.max"
      [ -f "$sandbox/cgroup.kill" ] && echo 1 > "$sandbox/cgroup.kill"
      while read -r pid; do
        [ "$pid" -gt 1 ] && left=1 && kill -9 "$pid"
      done < "$sandbox/cgroup.procs"
      rmdir "$sandbox"
    done
  done
  [ $left = 0 ] && break
  round=$((round + 1))
  sleep 0.01
done
for dir in "$@"; do rmdir "$dir"; done
exit 0`;

export function startGuard(dirs: readonly string[]): Guard | undefined {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'spool-guard', ...dirs], {
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
