import { OutputBudget, readLines } from '../lines.js';
import type { Instance, Sandbox, SandboxFolders } from '../sandbox.js';
import { type Supervised, supervise } from '../supervise.js';
import { type Failure, toFailure } from './failure.js';
import type { FunctionEnd, FunctionListener, FunctionRun } from './function-run.js';
import { type Launch, launchCommand, launchHandler } from './launch.js';
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
  const here: Running = {
    sandbox,
    run: { ...run, folders: sandbox.view(run.folders) },
    folders: run.folders,
    listener,
    signal,
  };
  return run.runtime === 'command' ? runCommand(here) : runHandler(here);
}

interface Running {
  readonly sandbox: Sandbox;
  /** With the folders as the program sees them. */
  readonly run: FunctionRun;
  /** The folders as we see them. */
  readonly folders: SandboxFolders;
  readonly listener: FunctionListener;
  readonly signal: AbortSignal;
}

async function runCommand(here: Running): Promise<FunctionEnd> {
  const launch = launchCommand(here.run);
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
  const api = await RuntimeApi.listen();
  try {
    const launch = launchHandler(run, api);
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
        onProgress: listener.onProgress,
      })
      .then((given) => (answer = given));
    const watched = await watch(here, launch, answered);
    const { usage, how } = watched.ended;
    const wasStopped = how === 'timeout' || how === 'cancelled' || how === 'shutdown';
    if (!answer || wasStopped) return endedBadly(run, watched);
    if (answer.type === 'response') return { status: 'SUCCEEDED', output: answer.output, usage };
    return { status: 'FAILED', ...answer.failure, usage };
  } finally {
    api.close();
  }
}

async function watch(
  { sandbox, run, folders, listener, signal }: Running,
  { argv, env }: Launch,
  answered?: Promise<unknown>,
): Promise<Watched> {
  const instance = await sandbox.start({
    id: `${run.id}-${run.attempt}`,
    argv,
    env,
    folders,
    limits: { memoryBytes: run.memoryMb * 1024 * 1024, pids: MAX_PROCESSES },
  });
  const tails = listen(instance, listener, run.runtime === 'command' ? MAX_STDOUT_BYTES : MAX_TAIL_BYTES);
  const { timeoutMs, graceMs } = run;
  const ended = await supervise(instance, { timeoutMs, graceMs, signal, ...(answered && { answered }) });
  return { ended, ...tails };
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

function endedBadly(run: FunctionRun, { ended, stderr }: Watched): FunctionEnd {
  const { how, exit, usage } = ended;
  if (how === 'shutdown') return { status: 'SHUTDOWN' };
  if (how === 'cancelled')
    return { status: 'CANCELLED', ...toFailure('Task.Cancelled', { errorMessage: 'The task was cancelled' }), usage };
  if (how === 'timeout') {
    const errorMessage = `The function did not end within ${run.timeoutMs / 1000} seconds`;
    return { status: 'TIMED_OUT', ...toFailure('States.Timeout', { errorMessage }), usage };
  }
  return { status: 'FAILED', ...crashed(run, how, exit, stderr), usage };
}

/** V8 gives up on its own heap limit with an abort; for a user that is the same as the cgroup's limit. */
function crashed(run: FunctionRun, how: Supervised['how'], exit: Supervised['exit'], stderr: Tail): Failure {
  if (how === 'oom' || /JavaScript heap out of memory/.test(stderr.text())) {
    return toFailure('Function.OutOfMemory', {
      errorMessage: `The function used more than its ${run.memoryMb} MB of memory`,
    });
  }
  const manner = exit?.signal ? `was ended by ${exit.signal}` : `exited with ${exit?.code ?? 'no code'}`;
  const errorMessage = `The process ${manner} before the function had answered`;
  return toFailure('Function.Crashed', { errorMessage, stderr: stderr.text(), trace: [] });
}
