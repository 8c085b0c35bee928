import { loadConfig, port, seconds } from '@app/common';
import { z } from 'zod';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const brokers = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((broker) => broker.trim())
      .filter(Boolean),
  );

const schema = z
  .object({
    SPOOL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
    SPOOL_DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(1_000).default(12),
    SPOOL_HOST: z.string().min(1).default('127.0.0.1'),
    SPOOL_PORT: port(7_700),
    SPOOL_EXECUTOR_TOKEN: z.string().min(16),
    SPOOL_S3_ENDPOINT: z.url({ protocol: /^https?$/ }),
    SPOOL_S3_PUBLIC_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
    SPOOL_S3_REGION: z.string().min(1).default('us-east-1'),
    SPOOL_S3_ACCESS_KEY_ID: z.string().min(1),
    SPOOL_S3_SECRET_ACCESS_KEY: z.string().min(1),
    SPOOL_EVENT_BUS: z.enum(['postgres', 'kafka']).default('postgres'),
    SPOOL_KAFKA_BROKERS: brokers,
    SPOOL_LEASE_SECONDS: seconds(30),
    SPOOL_HEARTBEAT_SECONDS: seconds(5),
    SPOOL_LOG_LEVEL: z.enum(logLevels).default('info'),
    SPOOL_CONSOLE_DIR: z.string().min(1).default('dist/console'),
    SPOOL_FUNCTIONS_DIR: z.string().min(1).default('functions'),
  })
  .refine((env) => env.SPOOL_EVENT_BUS !== 'kafka' || env.SPOOL_KAFKA_BROKERS.length > 0, {
    path: ['SPOOL_KAFKA_BROKERS'],
    error: 'must name at least one broker, as host:port, when SPOOL_EVENT_BUS is kafka',
  })
  .refine((env) => env.SPOOL_LEASE_SECONDS >= 2 * env.SPOOL_HEARTBEAT_SECONDS, {
    path: ['SPOOL_LEASE_SECONDS'],
    error: 'must be at least twice SPOOL_HEARTBEAT_SECONDS, or tasks are lost to one late heartbeat',
  })
  .transform((env) => ({
    database: { url: env.SPOOL_DATABASE_URL, maxConnections: env.SPOOL_DATABASE_CONNECTIONS },
    host: env.SPOOL_HOST,
    port: env.SPOOL_PORT,
    s3: {
      endpoint: env.SPOOL_S3_ENDPOINT,
      publicEndpoint: env.SPOOL_S3_PUBLIC_ENDPOINT ?? env.SPOOL_S3_ENDPOINT,
      region: env.SPOOL_S3_REGION,
      accessKeyId: env.SPOOL_S3_ACCESS_KEY_ID,
      secretAccessKey: env.SPOOL_S3_SECRET_ACCESS_KEY,
    },
    eventBus:
      env.SPOOL_EVENT_BUS === 'kafka'
        ? ({ kind: 'kafka', brokers: env.SPOOL_KAFKA_BROKERS } as const)
        : ({ kind: 'postgres' } as const),
    workers: { leaseSeconds: env.SPOOL_LEASE_SECONDS, heartbeatSeconds: env.SPOOL_HEARTBEAT_SECONDS },
    executorToken: env.SPOOL_EXECUTOR_TOKEN,
    logLevel: env.SPOOL_LOG_LEVEL,
    consoleDir: env.SPOOL_CONSOLE_DIR,
    functionsDir: env.SPOOL_FUNCTIONS_DIR,
  }));

export const readConfig = (env: NodeJS.ProcessEnv) => loadConfig(schema, env);
export type GatewayConfig = ReturnType<typeof readConfig>;
