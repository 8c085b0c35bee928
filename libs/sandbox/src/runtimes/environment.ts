import type { FunctionRun } from './function-run.js';

/** Names whose value decides which code a program loads before it is itself, or that we set. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The whole environment of a function. Nothing of the executor's own gets in but PATH: it may hold tokens.
 * Declared variables may change LANG, TZ and PATH, not those that say what is run.
 */
export function functionEnvironment(run: FunctionRun, path: string): Record<string, string> {
  const declared = Object.entries(run.environment).filter(([name, value]) => NAME.test(name) && !value.includes('\0'));
  const { context } = run;
  return {
    PATH: path,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...Object.fromEntries(declared),
    HOME: run.folders.work,
    TMPDIR: `${run.folders.work}/tmp`,
    SPOOL_WORK_DIR: run.folders.work,
    SPOOL_NAMESPACE: context.namespace,
    AWS_LAMBDA_FUNCTION_NAME: run.name,
    AWS_LAMBDA_FUNCTION_VERSION: String(run.version),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(run.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/spool/${context.namespace}/${run.name}`,
    AWS_EXECUTION_ENV: `Spool_${run.runtime}`,
    LAMBDA_TASK_ROOT: run.folders.code ?? run.folders.work,
    ...callVariables(run),
  };
}

/** With several calls at the same time no variable is one call's own. Names and values are those of AWS' managed instances. */
const callVariables = (run: FunctionRun): Record<string, string> =>
  (run.concurrency ?? 1) > 1
    ? {
        AWS_LAMBDA_MAX_CONCURRENCY: String(run.concurrency),
        AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances',
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
      }
    : { AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', ...taskVariables(run) };

/** Those that are another task's in the next call of the same process. */
export const taskVariables = ({ id, context, inputs, outputs }: FunctionRun): Record<string, string> => ({
  SPOOL_TASK_ID: id,
  ...(context.executionId && { SPOOL_EXECUTION_ID: context.executionId }),
  ...(context.executionName && { SPOOL_EXECUTION_NAME: context.executionName }),
  ...(context.stateName && { SPOOL_STATE_NAME: context.stateName }),
  ...(context.executors && { SPOOL_EXECUTORS: String(context.executors) }),
  AWS_LAMBDA_LOG_STREAM_NAME: id,
  ...fileVariables('INPUT', inputs),
  ...fileVariables('OUTPUT', outputs),
});

const fileVariables = (kind: 'INPUT' | 'OUTPUT', files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([name, path]) => [
      `SPOOL_${kind}_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
      path,
    ]),
  );
