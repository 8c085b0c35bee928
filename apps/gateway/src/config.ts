import { loadConfig, port } from '@app/common';
import { checkKafka, infrastructureEnv, toInfrastructure } from '@app/engine';
import { z } from 'zod';

const schema = z
  .object({
    ...infrastructureEnv,
    /** What histories tell as the region. */
    SPOOL_REGION: z.string().min(1).optional(),
    SPOOL_HOST: z.string().min(1).default('127.0.0.1'),
    SPOOL_PORT: port(7_700),
    /** What executors show at the worker API. */
    SPOOL_EXECUTOR_TOKEN: z.string().min(16),
    SPOOL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    SPOOL_CONSOLE_DIR: z.string().min(1).default('dist/console'),
    SPOOL_FUNCTIONS_DIR: z.string().min(1).default('functions'),
    SPOOL_WORKFLOWS_DIR: z.string().min(1).default('workflows'),
  })
  .superRefine(checkKafka)
  .transform((env) => ({
    ...toInfrastructure(env),
    region: env.SPOOL_REGION ?? env.SPOOL_S3_REGION,
    host: env.SPOOL_HOST,
    port: env.SPOOL_PORT,
    executorToken: env.SPOOL_EXECUTOR_TOKEN,
    logLevel: env.SPOOL_LOG_LEVEL,
    consoleDir: env.SPOOL_CONSOLE_DIR,
    functionsDir: env.SPOOL_FUNCTIONS_DIR,
    workflowsDir: env.SPOOL_WORKFLOWS_DIR,
  }));

export const readConfig = (env: NodeJS.ProcessEnv) => loadConfig(schema, env);
export type GatewayConfig = ReturnType<typeof readConfig>;
