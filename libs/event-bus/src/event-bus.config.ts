import { z } from 'zod';

const broker = z
  .string()
  .regex(/^[^\s:,/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, { error: 'must be host:port, such as kafka:9092' });

const sasl = z.object({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: z.string().min(1),
  password: z.string().min(1),
});

/** `true` trusts what Node trusts; certificates are PEM texts. */
const ssl = z.union([
  z.boolean(),
  z.object({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() }),
]);

export const kafkaConfig = z.object({
  kind: z.literal('kafka'),
  brokers: z.array(broker).min(1, { error: 'must name at least one broker' }),
  clientId: z.string().min(1).default('spool'),
  ssl: ssl.default(false),
  sasl: sasl.optional(),
  /** How often a request is tried again, with growing pauses from 0.1 s: 6 take some 6 seconds. */
  retries: z.number().int().min(0).max(20).default(6),
  /** How long a consumer may be silent until its partitions go to another. Brokers refuse less than 6. */
  sessionSeconds: z.number().min(6).max(300).default(10),
});

export const postgresBusConfig = z.object({
  kind: z.literal('postgres'),
  /** How often to look for messages when no hint came. */
  pollMs: z.number().int().min(10).max(60_000).default(2_000),
});

export const eventBusConfig = z.discriminatedUnion('kind', [postgresBusConfig, kafkaConfig]);

export type KafkaConfig = z.infer<typeof kafkaConfig>;
export type EventBusConfig = z.input<typeof eventBusConfig>;
