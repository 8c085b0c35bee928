import { loadConfig } from '@app/common';
import { infrastructureEnv, kafkaHasBrokers, kafkaHasBrokersRule, toInfrastructure } from '@app/engine';
import { z } from 'zod';

const schema = z
  .object({
    ...infrastructureEnv,
    /** `listen`: the router follows the store live; `webhook`: the store posts to the gateway's /v1/hooks/s3. */
    SPOOL_S3_NOTIFICATIONS: z.enum(['listen', 'webhook']).default('listen'),
    SPOOL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .refine(kafkaHasBrokers, kafkaHasBrokersRule)
  .transform((env) => ({
    ...toInfrastructure(env),
    notifications: env.SPOOL_S3_NOTIFICATIONS,
    logLevel: env.SPOOL_LOG_LEVEL,
  }));

export const readConfig = (env: NodeJS.ProcessEnv) => loadConfig(schema, env);
export type TriggerRouterConfig = ReturnType<typeof readConfig>;
