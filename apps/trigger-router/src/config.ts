import { loadConfig } from '@app/common';
import { checkKafka, infrastructureEnv, toInfrastructure } from '@app/engine';
import { topicName } from '@app/events';
import { z } from 'zod';

const schema = z
  .object({
    ...infrastructureEnv,
    /**
     * `listen`: the router follows the store live; `webhook`: the store posts to the gateway's /v1/hooks/s3; `topic`: it
     * publishes to a topic.
     */
    SPOOL_S3_NOTIFICATIONS: z.enum(['listen', 'webhook', 'topic']).default('listen'),
    /** Of `topic`: the topic's name on Kafka. */
    SPOOL_S3_NOTIFICATIONS_TOPIC: topicName.optional(),
    SPOOL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .superRefine(checkKafka)
  .refine((env) => env.SPOOL_S3_NOTIFICATIONS !== 'topic' || env.SPOOL_S3_NOTIFICATIONS_TOPIC !== undefined, {
    path: ['SPOOL_S3_NOTIFICATIONS_TOPIC'],
    error: 'is required with SPOOL_S3_NOTIFICATIONS=topic: where the store publishes to',
  })
  .transform((env) => ({
    ...toInfrastructure(env),
    notifications: env.SPOOL_S3_NOTIFICATIONS,
    notificationsTopic: env.SPOOL_S3_NOTIFICATIONS_TOPIC,
    logLevel: env.SPOOL_LOG_LEVEL,
  }));

export const readConfig = (env: NodeJS.ProcessEnv) => loadConfig(schema, env);
export type TriggerRouterConfig = ReturnType<typeof readConfig>;
