import type { Sandbox } from '../sandbox.js';
import { type Failure, toFailure } from './failure.js';
import type { FunctionEnd, FunctionListener, FunctionRun } from './function-run.js';
import { HandlerInstance } from './handler-instance.js';
import { launchCommand } from './launch.js';
import { endedBadly } from './run-end.js';
import { instanceSpec, watch } from './watch.js';

/** Runs a function once in a sandbox of its own. When this returns, nothing of it is alive. */
export async function runFunction(
  sandbox: Sandbox,
  run: FunctionRun,
  listener: FunctionListener,
  signal: AbortSignal,
): Promise<FunctionEnd> {
  if (run.runtime === 'command') return runCommand(sandbox, run, listener, signal);
  const started = await HandlerInstance.start(sandbox, run);
  return 'failure' in started ? neverRan(started.failure) : started.call({ run, listener, signal });
}

export const neverRan = (failure: Failure): FunctionEnd => ({ status: 'FAILED', ...failure, usage: { wallMs: 0 } });

async function runCommand(
  sandbox: Sandbox,
  run: FunctionRun,
  listener: FunctionListener,
  signal: AbortSignal,
): Promise<FunctionEnd> {
  const { surroundings } = sandbox;
  const { folders } = run;
  const launch = launchCommand({ run: { ...run, folders: sandbox.view(folders) }, folders, surroundings });
  if ('failure' in launch) return neverRan(launch.failure);
  const instance = await sandbox.start(instanceSpec(run, folders, launch));
  listener.onStarted?.({ isReady: true, total: () => instance.total() });
  const watched = await watch(instance, { run, work: folders.work, listener, signal });
  const { ended, stdout, stderr } = watched;
  const { usage, exit } = ended;
  if (ended.how !== 'exit' || !exit) return endedBadly(run, watched);
  if (exit.code === 0) return { status: 'SUCCEEDED', output: { exitCode: 0, stdout: stdout.asJson() }, usage };
  const errorMessage = `${launch.argv[0]} exited with ${exit.code}: ${stderr.lastLine()}`;
  const failure = toFailure('Command.Failed', { errorMessage, exitCode: exit.code, stderr: stderr.text(), trace: [] });
  return { status: 'FAILED', ...failure, usage };
}
