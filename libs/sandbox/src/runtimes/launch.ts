import { join } from 'node:path';
import { fillCommand } from './command-template.js';
import { functionEnvironment } from './environment.js';
import { type Failure, toFailure } from './failure.js';
import { findExecutable } from './find-executable.js';
import type { FunctionRun } from './function-run.js';
import type { RuntimeApi } from './runtime-api.js';
import { runtimesDir } from './runtimes-dir.js';

export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type Launched = Launch | { readonly failure: Failure };

const HEAP_SHARE = 0.75;

/** The program and the environment for a run that answers through the Runtime API. */
export function launchHandler(run: FunctionRun, api: RuntimeApi): Launched {
  const env: Record<string, string> = {
    ...functionEnvironment(run, ownPath()),
    AWS_LAMBDA_RUNTIME_API: api.address,
    SPOOL_INSTANCE_TOKEN: api.token,
    _HANDLER: run.handler ?? 'index.handler',
    LAMBDA_RUNTIME_DIR: runtimesDir(),
  };
  if (run.runtime === 'nodejs') return { argv: nodeArgv(run), env };
  const python = findExecutable('python3', { path: env.PATH ?? '', dir: run.folders.work });
  if (!python)
    return { failure: toFailure('Runtime.Unavailable', { errorMessage: 'python3 is not installed on this executor' }) };
  return { argv: [python, '-u', join(runtimesDir(), 'python.py')], env: { ...env, PYTHONDONTWRITEBYTECODE: '1' } };
}

/** Node sees the machine's memory, not its limit, so the heap has to be told; ES syntax in a .js file is found out. */
function nodeArgv({ memoryMb }: FunctionRun): string[] {
  const heapMb = Math.max(32, Math.floor(memoryMb * HEAP_SHARE));
  const major = Number(process.versions.node.split('.')[0]);
  const detect = major < 22 ? ['--experimental-detect-module', '--disable-warning=ExperimentalWarning'] : [];
  return [process.execPath, `--max-old-space-size=${heapMb}`, ...detect, join(runtimesDir(), 'nodejs.mjs')];
}

/** The program and the environment for a command: its arguments filled in, its program found. */
export function launchCommand(run: FunctionRun): Launched {
  const { inputs, outputs, payload: event, command = [] } = run;
  const { work: workDir, code: codeDir } = run.folders;
  const filled = fillCommand(command, { inputs, outputs, event, workDir, ...(codeDir && { codeDir }) });
  if ('failure' in filled) return filled;
  const env = functionEnvironment(run, ownPath());
  const [name = '', ...args] = filled.argv;
  const program = findExecutable(name, { path: env.PATH ?? '', dir: codeDir ?? workDir });
  if (program) return { argv: [program, ...args], env };
  return {
    failure: toFailure('Command.NotFound', {
      errorMessage: `The program ${JSON.stringify(name)} is not on this executor`,
    }),
  };
}

const ownPath = (): string => process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
