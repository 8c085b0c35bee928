import { OutputBudget, readLines } from '../lines.js';
import type { Instance, InstanceSpec, SandboxFolders, SandboxLimits } from '../sandbox.js';
import { type Supervision, supervise } from '../supervise.js';
import { DiskWatch } from '../watches/disk-watch.js';
import type { FunctionListener, FunctionRun } from './function-run.js';
import type { Launch } from './launch.js';
import type { Watched } from './run-end.js';
import { Tail } from './tail.js';

export const MAX_LOG_BYTES = 8 * 1024 * 1024;
const MAX_STDOUT_BYTES = 256 * 1024;
export const MAX_TAIL_BYTES = 4 * 1024;
const MAX_PROCESSES = 1_024;

export const limitsOf = ({ memoryMb, vcpu }: FunctionRun): SandboxLimits => ({
  memoryBytes: memoryMb * 1024 * 1024,
  pids: MAX_PROCESSES,
  ...(vcpu !== undefined && { vcpu }),
});

/** What a sandbox is asked for; the folders as we see them. */
export const instanceSpec = (run: FunctionRun, folders: SandboxFolders, { argv, env }: Launch): InstanceSpec => ({
  id: `${run.id}-${run.attempt}`,
  argv,
  env,
  folders,
  limits: limitsOf(run),
  ...(run.attached && { attached: run.attached }),
  ...(run.network && { network: run.runtime === 'provided' && run.network === 'none' ? 'loopback' : run.network }),
});

export interface Watching extends Pick<Supervision, 'answered' | 'alarm' | 'stays'> {
  readonly run: FunctionRun;
  /** The working folder as we see it. */
  readonly work: string;
  readonly listener: FunctionListener;
  readonly signal: AbortSignal;
}

/** Reads what an instance says and supervises it, until its end or until it has answered and stays. */
export async function watch(instance: Instance, watching: Watching): Promise<Watched> {
  const { run, work, listener, signal, answered, alarm, stays } = watching;
  const { stop, ...tails } = listen(instance, listener, run.runtime === 'command' ? MAX_STDOUT_BYTES : MAX_TAIL_BYTES);
  const { timeoutMs, graceMs, diskBytes } = run;
  const disk = diskBytes === undefined ? undefined : new DiskWatch(work, diskBytes, () => instance.processes());
  const alarms = [...(alarm ? [alarm] : []), ...(disk ? [disk.full] : [])];
  try {
    const ended = await supervise(instance, {
      timeoutMs,
      graceMs,
      signal,
      ...(answered && { answered }),
      ...(stays && { stays }),
      ...(alarms[0] && { alarm: Promise.race(alarms) }),
    });
    return { ended, ...tails };
  } finally {
    stop();
    disk?.close();
  }
}

function listen(instance: Instance, { onLine }: FunctionListener, stdoutBytes: number) {
  const stdout = new Tail(stdoutBytes);
  const stderr = new Tail(MAX_TAIL_BYTES);
  const budget = new OutputBudget(MAX_LOG_BYTES);
  const stops = [
    readLines(instance.stdout, 'stdout', budget, onLine),
    readLines(instance.stderr, 'stderr', budget, onLine),
    keep(instance.stdout, stdout),
    keep(instance.stderr, stderr),
  ];
  return { stdout, stderr, stop: () => stops.forEach((stop) => stop()) };
}

function keep(stream: Instance['stdout'], tail: Tail): () => void {
  const add = (chunk: Buffer) => tail.add(chunk);
  stream.on('data', add);
  return () => void stream.off('data', add);
}
