import { loadConfig } from '@app/common';
import { infrastructureEnv, kafkaHasBrokers, kafkaHasBrokersRule, toInfrastructure } from '@app/engine';
import { z } from 'zod';

const schema = z
  .object({
    ...infrastructureEnv,
    SPOOL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .refine(kafkaHasBrokers, kafkaHasBrokersRule)
  .transform((env) => ({ ...toInfrastructure(env), logLevel: env.SPOOL_LOG_LEVEL }));

export const readConfig = (env: NodeJS.ProcessEnv) => loadConfig(schema, env);
export type TriggerRouterConfig = ReturnType<typeof readConfig>;
