import type { Runtime } from '@app/worker-api';

interface Wanted {
  readonly runtime: Runtime;
  readonly handler?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly zip?: string | undefined;
  readonly stallSeconds?: number | undefined;
  readonly instanceConcurrency?: number | undefined;
  readonly inputs?: object | undefined;
  readonly outputs?: object | undefined;
  readonly gpus?: number | undefined;
  readonly encoderSessions?: number | undefined;
  readonly preferGpu?: unknown;
  readonly diskMb?: number | undefined;
}

interface BrokenRule {
  readonly path: string;
  readonly message: string;
}

export const DEFAULT_HANDLER = 'index.handler';
const BOOTSTRAP = 'bootstrap';
const EXTENSIONS: Record<Exclude<Runtime, 'command' | 'provided'>, readonly string[]> = {
  nodejs: ['.mjs', '.js', '.cjs'],
  python: ['.py'],
};

/** Which fields belong together. */
export function rulesOfRuntime({ runtime, handler, command, files, zip, stallSeconds }: Wanted): BrokenRule[] {
  const broken: BrokenRule[] = [];
  if (files && zip !== undefined) broken.push({ path: 'zip', message: 'must not be given together with files' });
  if (runtime === 'command') {
    if (!command) broken.push({ path: 'command', message: 'is required when the runtime is command' });
    if (handler) broken.push({ path: 'handler', message: 'is only for the runtimes nodejs, python and provided' });
    if (stallSeconds !== undefined)
      broken.push({
        path: 'stallSeconds',
        message: 'is only for functions that tell progress: nodejs, python and provided',
      });
    return broken;
  }
  if (command) broken.push({ path: 'command', message: 'is only for the runtime command' });
  if (!files && zip === undefined) {
    broken.push({ path: 'files', message: `or zip is required: a ${runtime} function needs code` });
  }
  if (files) {
    const missing = missingHandlerFile({ runtime, handler, paths: Object.keys(files) });
    if (missing) broken.push({ path: runtime === 'provided' ? 'files' : 'handler', message: missing });
  }
  return broken;
}

/** What instances that serve several invocations at the same time cannot have: it would be one invocation's. */
export function rulesOfConcurrency(wanted: Wanted): BrokenRule[] {
  const {
    runtime,
    instanceConcurrency = 1,
    inputs = {},
    outputs = {},
    gpus = 0,
    encoderSessions = 0,
    diskMb = 0,
  } = wanted;
  const path = 'instanceConcurrency';
  if (instanceConcurrency === 1) return [];
  if (runtime === 'command')
    return [{ path, message: 'is only for the runtimes nodejs, python and provided: a command is one invocation' }];
  if (Object.keys({ ...inputs, ...outputs }).length > 0)
    return [
      { path, message: 'must be 1 with inputs or outputs: invocations of one instance share its working folder' },
    ];
  if (gpus > 0 || encoderSessions > 0 || diskMb > 0 || wanted.preferGpu !== undefined) {
    const message = 'must be 1 with gpus, preferGpu, encoderSessions or diskMb: these are held by one invocation';
    return [{ path, message }];
  }
  return [];
}

/** What is wrong with a handler whose file is not in the archive; undefined if it is there. */
export function missingHandlerFile(given: {
  readonly runtime: Runtime;
  readonly handler?: string | undefined;
  readonly paths: readonly string[];
}): string | undefined {
  const { runtime, handler = DEFAULT_HANDLER, paths } = given;
  if (runtime === 'command') return undefined;
  if (runtime === 'provided')
    return paths.includes(BOOTSTRAP) ? undefined : `must have ${BOOTSTRAP}, the program that is run`;
  const module = handler.slice(0, handler.lastIndexOf('.'));
  const stem = runtime === 'python' ? module.replaceAll('.', '/') : module;
  const candidates = EXTENSIONS[runtime].map((extension) => stem + extension);
  if (candidates.some((candidate) => paths.includes(candidate))) return undefined;
  return `names ${handler}, but the code has no ${candidates.join(' or ')}`;
}
