import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OutputBudget, readLines } from '../lines.js';
import type { Instance, Sandbox, SandboxFolders } from '../sandbox.js';
import { type Supervised, type Supervision, supervise } from '../supervise.js';
import { DiskWatch } from '../watches/disk-watch.js';
import { StallWatch } from '../watches/stall-watch.js';
import { type Failure, toFailure } from './failure.js';
import type { FunctionEnd, FunctionListener, FunctionRun } from './function-run.js';
import { type Launch, launchCommand, launchHandler, type Site } from './launch.js';
import { type Answer, RuntimeApi } from './runtime-api.js';
import { Tail } from './tail.js';

const MAX_LOG_BYTES = 8 * 1024 * 1024;
const MAX_STDOUT_BYTES = 256 * 1024;
const MAX_TAIL_BYTES = 4 * 1024;
const MAX_PROCESSES = 1_024;

interface Watched {
  readonly ended: Supervised;
  readonly stdout: Tail;
  readonly stderr: Tail;
}

/** Runs a function once in a sandbox of its own. When this returns, nothing of it is alive. */
export async function runFunction(
  sandbox: Sandbox,
  run: FunctionRun,
  listener: FunctionListener,
  signal: AbortSignal,
): Promise<FunctionEnd> {
  const { surroundings } = sandbox;
  const at = (folders: SandboxFolders): Running => {
    return { sandbox, surroundings, run: { ...run, folders: sandbox.view(folders) }, folders, listener, signal };
  };
  if (run.runtime === 'command') return runCommand(at(run.folders));
  if (sandbox.socketDir === undefined) return runHandler(at(run.folders));
  const api = await mkdtemp(join(sandbox.socketDir, 'i-'));
  try {
    await chmod(api, 0o711); // The function's user goes through; what is inside belongs to it.
    return await runHandler(at({ ...run.folders, api }));
  } finally {
    await rm(api, { recursive: true, force: true });
  }
}

interface Running extends Site {
  readonly sandbox: Sandbox;
  readonly listener: FunctionListener;
  readonly signal: AbortSignal;
}

async function runCommand(here: Running): Promise<FunctionEnd> {
  const launch = launchCommand(here);
  if ('failure' in launch) return { status: 'FAILED', ...launch.failure, usage: { wallMs: 0 } };
  const { ended, stdout, stderr } = await watch(here, launch);
  const { usage, exit } = ended;
  if (ended.how !== 'exit' || !exit) return endedBadly(here.run, { ended, stdout, stderr });
  if (exit.code === 0) return { status: 'SUCCEEDED', output: { exitCode: 0, stdout: stdout.asJson() }, usage };
  const errorMessage = `${launch.argv[0]} exited with ${exit.code}: ${stderr.lastLine()}`;
  const failure = toFailure('Command.Failed', { errorMessage, exitCode: exit.code, stderr: stderr.text(), trace: [] });
  return { status: 'FAILED', ...failure, usage };
}

async function runHandler(here: Running): Promise<FunctionEnd> {
  const { run, listener } = here;
  const api = await RuntimeApi.listen(here.folders.api);
  const stall = run.stallMs === undefined ? undefined : new StallWatch(run.stallMs);
  try {
    const launch = launchHandler(here, api);
    if ('failure' in launch) return { status: 'FAILED', ...launch.failure, usage: { wallMs: 0 } };
    let answer: Answer | undefined;
    const answered = api
      .invoke({
        requestId: run.id,
        payload: run.payload,
        deadlineMs: Date.now() + run.timeoutMs,
        functionArn: `arn:aws:lambda:spool:${run.context.namespace}:function:${run.name}:${run.version}`,
        inputs: run.inputs,
        outputs: run.outputs,
        onProgress: (progress) => {
          stall?.progressed(progress);
          listener.onProgress(progress);
        },
      })
      .then((given) => (answer = given));
    const watched = await watch(here, launch, { answered, ...(stall && { alarm: stall.stalled }) });
    const { usage, how } = watched.ended;
    if (!answer || (how !== 'answered' && how !== 'exit')) return endedBadly(run, watched);
    if (answer.type === 'response') return { status: 'SUCCEEDED', output: answer.output, usage };
    return { status: 'FAILED', ...answer.failure, usage };
  } finally {
    stall?.close();
    api.close();
  }
}

async function watch(
  { sandbox, run, folders, listener, signal }: Running,
  { argv, env }: Launch,
  { answered, alarm }: Pick<Supervision, 'answered' | 'alarm'> = {},
): Promise<Watched> {
  const instance = await sandbox.start({
    id: `${run.id}-${run.attempt}`,
    argv,
    env,
    folders,
    limits: {
      memoryBytes: run.memoryMb * 1024 * 1024,
      pids: MAX_PROCESSES,
      ...(run.vcpu !== undefined && { vcpu: run.vcpu }),
    },
    ...(run.network && { network: run.network }),
  });
  const tails = listen(instance, listener, run.runtime === 'command' ? MAX_STDOUT_BYTES : MAX_TAIL_BYTES);
  const { timeoutMs, graceMs, diskBytes } = run;
  const disk = diskBytes === undefined ? undefined : new DiskWatch(folders.work, diskBytes);
  const alarms = [...(alarm ? [alarm] : []), ...(disk ? [disk.full] : [])];
  try {
    const supervision = { timeoutMs, graceMs, signal, ...(answered && { answered }) };
    const ended = await supervise(instance, { ...supervision, ...(alarms[0] && { alarm: Promise.race(alarms) }) });
    return { ended, ...tails };
  } finally {
    disk?.close();
  }
}

function listen(instance: Instance, { onLine }: FunctionListener, stdoutBytes: number): Omit<Watched, 'ended'> {
  const tails = { stdout: new Tail(stdoutBytes), stderr: new Tail(MAX_TAIL_BYTES) };
  const budget = new OutputBudget(MAX_LOG_BYTES);
  for (const name of ['stdout', 'stderr'] as const) {
    instance[name].on('data', (chunk: Buffer) => tails[name].add(chunk));
    readLines(instance[name], name, budget, onLine);
  }
  return tails;
}

function endedBadly(run: FunctionRun, watched: Watched): FunctionEnd {
  const { how, usage } = watched.ended;
  if (how === 'shutdown') return { status: 'SHUTDOWN' };
  if (how === 'cancelled')
    return { status: 'CANCELLED', ...toFailure('Task.Cancelled', { errorMessage: 'The task was cancelled' }), usage };
  if (how === 'timeout') {
    const errorMessage = `The function did not end within ${run.timeoutMs / 1000} seconds`;
    return { status: 'TIMED_OUT', ...toFailure('States.Timeout', { errorMessage }), usage };
  }
  return { status: 'FAILED', ...failureOf(run, watched), usage };
}

function failureOf(run: FunctionRun, { ended: { how, exit }, stderr }: Watched): Failure {
  if (how === 'stalled') {
    const errorMessage = `The function's progress did not advance for ${(run.stallMs ?? 0) / 1000} seconds`;
    return toFailure('Function.Stalled', { errorMessage });
  }
  if (how === 'disk') {
    const errorMessage = `The function's files grew beyond ${run.diskBytes} bytes`;
    return toFailure('Function.DiskFull', { errorMessage });
  }
  // V8 gives up on its own heap limit with an abort; for a user that is the same as the cgroup's limit.
  if (how === 'oom' || /JavaScript heap out of memory/.test(stderr.text())) {
    const errorMessage = `The function used more than its ${run.memoryMb} MB of memory`;
    return toFailure('Function.OutOfMemory', { errorMessage });
  }
  const isCrash = exit?.signal !== null;
  const manner = exit?.signal ? `was ended by ${exit.signal}` : `exited with ${exit?.code ?? 'no code'}`;
  const errorMessage = `The process ${manner} before the function had answered`;
  return toFailure(isCrash ? 'Function.Crashed' : 'Function.Exited', {
    errorMessage,
    stderr: stderr.text(),
    trace: [],
  });
}
