import { join } from 'node:path';
import { fillCommand } from './command-template.js';
import { functionEnvironment } from './environment.js';
import { type Failure, toFailure } from './failure.js';
import { findExecutable } from './find-executable.js';
import type { FunctionRun } from './function-run.js';
import { Gate } from './gate.js';
import { type RuntimeApi, SOCKET_NAME } from './runtime-api.js';
import type { SandboxFolders } from '../sandbox.js';
import type { Surroundings } from '../surroundings.js';

export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type Launched = Launch | { readonly failure: Failure };

const HEAP_SHARE = 0.75;

/** What a launch needs to know of the sandbox. `run` has the folders as the program sees them, `folders` as we do. */
export interface Site {
  readonly run: FunctionRun;
  readonly folders: SandboxFolders;
  readonly surroundings: Surroundings;
}

/** The program and the environment for a run that answers through the Runtime API. */
export function launchHandler(site: Site, api: RuntimeApi): Launched {
  const { run, surroundings } = site;
  const env: Record<string, string> = {
    ...functionEnvironment(run, surroundings.path),
    AWS_LAMBDA_RUNTIME_API: api.address,
    _HANDLER: run.handler ?? 'index.handler',
    LAMBDA_RUNTIME_DIR: surroundings.runtimes,
  };
  if (run.runtime === 'provided') return launchProvided(site, env);
  if (run.folders.api !== undefined) env.SPOOL_RUNTIME_SOCKET = join(run.folders.api, SOCKET_NAME);
  env.SPOOL_INSTANCE_TOKEN = api.token;
  if (run.runtime === 'nodejs') return { argv: nodeArgv(site), env };
  const python = find('python3', env, site);
  if (!python)
    return { failure: toFailure('Runtime.Unavailable', { errorMessage: 'python3 is not installed on this executor' }) };
  return {
    argv: [python, '-u', join(surroundings.runtimes, 'python.py')],
    env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
  };
}

/** Variables that decide what a runtime is before it has read any code: with one of these it begins anew. */
const OF_THE_START = /^(LD_|NODE_|UV_|PYTHON|MALLOC_|GLIBC_|OPENSSL_|SSL_|LC_|LANG|TZ$|GCONV|LOCPATH$|PATH$)/;

export const decidesTheStart = (name: string): boolean => OF_THE_START.test(name);

/** A runtime that has no code yet, and will be told what it is: the program, and what it has to know for that. */
export function launchTemplate(site: Site, api: RuntimeApi): Launched {
  const run = { ...site.run, environment: {}, context: { namespace: '' }, id: '', inputs: {}, outputs: {} };
  const launch = launchHandler({ ...site, run }, api);
  if ('failure' in launch) return launch;
  const { argv, env } = launch;
  const names = ['PATH', 'LANG', 'TZ', 'HOME', 'TMPDIR', 'AWS_LAMBDA_RUNTIME_API', 'PYTHONDONTWRITEBYTECODE'];
  const kept = Object.entries(env).filter(([name]) => names.includes(name) || /^SPOOL_(RUNTIME|INSTANCE)_/.test(name));
  return { argv, env: { ...Object.fromEntries(kept), SPOOL_TEMPLATE: '1' } };
}

/** In the folder of its code, as on AWS; when it comes so late, it waits until its Runtime API is there. */
const ENTER = 'if [ -p "$1" ]; then read -r _ < "$1"; fi; cd "$LAMBDA_TASK_ROOT" && exec ./bootstrap';

function launchProvided({ run, folders, surroundings }: Site, env: Launch['env']): Launched {
  const { code, api } = run.folders;
  const bootstrap = code && findExecutable('./bootstrap', places(code, { folders, surroundings }));
  if (!bootstrap) {
    const errorMessage = 'The code has no file "bootstrap" that may be executed';
    return { failure: toFailure('Runtime.InvalidEntrypoint', { errorMessage, phase: 'init' }) };
  }
  const gate = api === undefined ? [] : [join(api, Gate.fileName)];
  return { argv: ['/bin/sh', '-c', ENTER, 'sh', ...gate], env };
}

const places = (dir: string, { folders, surroundings }: Pick<Site, 'folders' | 'surroundings'>) => ({
  path: surroundings.path,
  dir,
  onHost: (file: string) => surroundings.onHost(file, folders),
});

/** Node sees the machine's memory, not its limit, so the heap has to be told; ES syntax in a .js file is found out. */
function nodeArgv({ run: { memoryMb }, surroundings: { node, runtimes } }: Site): string[] {
  const heapMb = Math.max(32, Math.floor(memoryMb * HEAP_SHARE));
  const major = Number(process.versions.node.split('.')[0]);
  const detect = major < 22 ? ['--experimental-detect-module', '--disable-warning=ExperimentalWarning'] : [];
  return [node, `--max-old-space-size=${heapMb}`, ...detect, join(runtimes, 'nodejs.mjs')];
}

/** The program and the environment for a command: its arguments filled in, its program found. */
export function launchCommand(site: Site): Launched {
  const { run } = site;
  const { inputs, outputs, payload: event, command = [] } = run;
  const { work: workDir, code: codeDir } = run.folders;
  const filled = fillCommand(command, { inputs, outputs, event, workDir, ...(codeDir && { codeDir }) });
  if ('failure' in filled) return filled;
  const env = functionEnvironment(run, site.surroundings.path);
  const [name = '', ...args] = filled.argv;
  const program = find(name, env, site);
  if (program) return { argv: [program, ...args], env };
  return {
    failure: toFailure('Command.NotFound', {
      errorMessage: `The program ${JSON.stringify(name)} is not on this executor`,
    }),
  };
}

const find = (name: string, { PATH: path = '' }: Record<string, string>, site: Site) =>
  findExecutable(name, { ...places(site.run.folders.code ?? site.run.folders.work, site), path });

/** The path that programs are found on. */
export const ownPath = (): string => process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
