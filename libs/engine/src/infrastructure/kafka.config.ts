import { readFileSync } from 'node:fs';
import { z } from 'zod';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );

/** Compose gives empty texts for what is not set. */
const optional = z
  .string()
  .optional()
  .transform((text) => text || undefined);

/** The path of a PEM file; what is in it. */
const pem = optional.transform((path, context) => {
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN ')) return text;
    context.addIssue({ code: 'custom', message: `must be the path of a PEM file: ${path} is none` });
  } catch (error) {
    context.addIssue({ code: 'custom', message: `cannot be read: ${(error as Error).message}` });
  }
  return z.NEVER;
});

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How Kafka is reached. */
export const kafkaEnv = {
  SPOOL_KAFKA_BROKERS: list,
  SPOOL_KAFKA_TLS: z.enum(['off', 'on']).default('off'),
  SPOOL_KAFKA_TLS_CA: pem,
  SPOOL_KAFKA_TLS_CERT: pem,
  SPOOL_KAFKA_TLS_KEY: pem,
  SPOOL_KAFKA_SASL_MECHANISM: optional.pipe(z.enum(MECHANISMS).optional()),
  SPOOL_KAFKA_SASL_USERNAME: optional,
  SPOOL_KAFKA_SASL_PASSWORD: optional,
};

const env = z.object(kafkaEnv);
type KafkaEnv = z.infer<typeof env>;

/** What the variables must be together. */
export function checkKafka(given: KafkaEnv & { readonly SPOOL_EVENT_BUS: string }, context: z.RefinementCtx): void {
  const refuse = (name: keyof KafkaEnv, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  const { SPOOL_KAFKA_SASL_MECHANISM: mechanism, SPOOL_KAFKA_TLS: tls } = given;
  if (given.SPOOL_EVENT_BUS === 'kafka' && given.SPOOL_KAFKA_BROKERS.length === 0) {
    refuse('SPOOL_KAFKA_BROKERS', 'must name at least one broker, as host:port, when SPOOL_EVENT_BUS is kafka');
  }
  for (const name of ['SPOOL_KAFKA_SASL_USERNAME', 'SPOOL_KAFKA_SASL_PASSWORD'] as const) {
    if (mechanism && !given[name]) refuse(name, 'is required by SPOOL_KAFKA_SASL_MECHANISM');
    if (!mechanism && given[name]) refuse('SPOOL_KAFKA_SASL_MECHANISM', `is required by ${name}`);
  }
  for (const name of ['SPOOL_KAFKA_TLS_CA', 'SPOOL_KAFKA_TLS_CERT', 'SPOOL_KAFKA_TLS_KEY'] as const) {
    if (tls === 'off' && given[name]) refuse('SPOOL_KAFKA_TLS', `must be "on" for ${name} to count`);
  }
  if (!given.SPOOL_KAFKA_TLS_CERT !== !given.SPOOL_KAFKA_TLS_KEY) {
    const [missing, other] = given.SPOOL_KAFKA_TLS_CERT ? (['KEY', 'CERT'] as const) : (['CERT', 'KEY'] as const);
    refuse(`SPOOL_KAFKA_TLS_${missing}`, `is required by SPOOL_KAFKA_TLS_${other}`);
  }
}

export function toKafka(given: KafkaEnv) {
  const { SPOOL_KAFKA_SASL_MECHANISM: mechanism } = given;
  const [ca, cert, key] = [given.SPOOL_KAFKA_TLS_CA, given.SPOOL_KAFKA_TLS_CERT, given.SPOOL_KAFKA_TLS_KEY];
  const username = given.SPOOL_KAFKA_SASL_USERNAME ?? '';
  const password = given.SPOOL_KAFKA_SASL_PASSWORD ?? '';
  return {
    kind: 'kafka',
    brokers: given.SPOOL_KAFKA_BROKERS,
    ssl: given.SPOOL_KAFKA_TLS === 'on' && { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    ...(mechanism && { sasl: { mechanism, username, password } }),
  } as const;
}
