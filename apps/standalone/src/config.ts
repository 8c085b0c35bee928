import { resolve } from 'node:path';
import { loadConfig, port } from '@app/common';
import { infrastructureEnv } from '@app/engine';
import { z } from 'zod';

const schema = z
  .object({
    SPOOL_DATA_DIR: z.string().min(1).default('.spool'),
    /** Another Postgres than the embedded one. */
    SPOOL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    SPOOL_HOST: z.string().min(1).default('127.0.0.1'),
    SPOOL_PORT: port(7_700),
    SPOOL_S3_PORT: port(7_701),
    SPOOL_REGION: z.string().min(1).default('us-east-1'),
    SPOOL_LEASE_SECONDS: z.coerce.number().min(1).max(3_600).default(30),
    SPOOL_RESERVE_AFTER_SECONDS: infrastructureEnv.SPOOL_RESERVE_AFTER_SECONDS,
    SPOOL_MAX_PAYLOAD_BYTES: infrastructureEnv.SPOOL_MAX_PAYLOAD_BYTES,
    SPOOL_SUBSCRIPTION_ADDRESSES: infrastructureEnv.SPOOL_SUBSCRIPTION_ADDRESSES,
    SPOOL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
  })
  .transform((env) => ({
    dataDir: resolve(env.SPOOL_DATA_DIR),
    databaseUrl: env.SPOOL_DATABASE_URL,
    host: env.SPOOL_HOST,
    port: env.SPOOL_PORT,
    s3Port: env.SPOOL_S3_PORT,
    region: env.SPOOL_REGION,
    leaseSeconds: env.SPOOL_LEASE_SECONDS,
    reserveAfterSeconds: env.SPOOL_RESERVE_AFTER_SECONDS,
    maxPayloadBytes: env.SPOOL_MAX_PAYLOAD_BYTES,
    subscriptionAddresses: env.SPOOL_SUBSCRIPTION_ADDRESSES,
    logLevel: env.SPOOL_LOG_LEVEL,
  }));

export const readConfig = (env: NodeJS.ProcessEnv) => loadConfig(schema, env);
export type StandaloneConfig = ReturnType<typeof readConfig>;
