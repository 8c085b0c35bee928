import { z } from 'zod';
import { REACHES } from '../outbound/reach.js';
import { kafkaEnv, toKafka } from './kafka.config.js';

/** The part of the environment that the gateway and the trigger-router share: where truth, bytes and events are. */
export const infrastructureEnv = {
  SPOOL_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  SPOOL_DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(1_000).default(12),
  SPOOL_S3_ENDPOINT: z.url({ protocol: /^https?$/ }),
  SPOOL_S3_PUBLIC_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  SPOOL_S3_REGION: z.string().min(1).default('us-east-1'),
  SPOOL_S3_ACCESS_KEY_ID: z.string().min(1),
  SPOOL_S3_SECRET_ACCESS_KEY: z.string().min(1),
  SPOOL_EVENT_BUS: z.enum(['postgres', 'kafka']).default('postgres'),
  ...kafkaEnv,
  SPOOL_MAX_PAYLOAD_BYTES: z.coerce.number().int().min(262_144).max(67_108_864).default(16_777_216),
  SPOOL_SUBSCRIPTION_ADDRESSES: z.enum(REACHES).default('any'),
  SPOOL_LEASE_SECONDS: z.coerce.number().min(1).max(3_600).default(30),
  SPOOL_RESERVE_AFTER_SECONDS: z.coerce.number().min(0).max(86_400).default(30),
};

const env = z.object(infrastructureEnv);
type InfrastructureEnv = z.infer<typeof env>;

export const toInfrastructure = (given: InfrastructureEnv) => ({
  database: { url: given.SPOOL_DATABASE_URL, maxConnections: given.SPOOL_DATABASE_CONNECTIONS },
  s3: {
    endpoint: given.SPOOL_S3_ENDPOINT,
    publicEndpoint: given.SPOOL_S3_PUBLIC_ENDPOINT ?? given.SPOOL_S3_ENDPOINT,
    region: given.SPOOL_S3_REGION,
    accessKeyId: given.SPOOL_S3_ACCESS_KEY_ID,
    secretAccessKey: given.SPOOL_S3_SECRET_ACCESS_KEY,
    forcePathStyle: true,
  },
  eventBus: given.SPOOL_EVENT_BUS === 'kafka' ? toKafka(given) : ({ kind: 'postgres' } as const),
  payloads: { maxBytes: given.SPOOL_MAX_PAYLOAD_BYTES },
  outbound: { reach: given.SPOOL_SUBSCRIPTION_ADDRESSES },
  workers: {
    leaseSeconds: given.SPOOL_LEASE_SECONDS,
    heartbeatSeconds: Math.max(0.3, given.SPOOL_LEASE_SECONDS / 4),
    reserveAfterSeconds: given.SPOOL_RESERVE_AFTER_SECONDS,
  },
});
export type InfrastructureConfig = ReturnType<typeof toInfrastructure>;
