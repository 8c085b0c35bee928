import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkKafka, kafkaEnv, toKafka } from './kafka.config.js';

const schema = z
  .object({ SPOOL_EVENT_BUS: z.string().default('kafka'), ...kafkaEnv })
  .superRefine(checkKafka)
  .transform(toKafka);
const PEM = '-----BEGIN CERTIFICATE-----\n';

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-pem-'));
  file = join(dir, 'ca.pem');
  writeFileSync(file, PEM);
});
afterAll(() => rmSync(dir, { recursive: true }));

const brokers = { SPOOL_KAFKA_BROKERS: 'a:9092, b:9092' };
const problems = (env: object): string[] =>
  (schema.safeParse(env).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the settings of Kafka', () => {
  it('are brokers, without TLS and SASL, if nothing else is said', () => {
    expect(schema.parse(brokers)).toEqual({ kind: 'kafka', brokers: ['a:9092', 'b:9092'], ssl: false });
    const empty = { SPOOL_KAFKA_TLS_CA: '', SPOOL_KAFKA_SASL_MECHANISM: '', SPOOL_KAFKA_SASL_USERNAME: '' };
    expect(schema.parse({ ...brokers, ...empty })).toEqual(schema.parse(brokers));
  });

  it('are certificates from files, and a name and password', () => {
    const tls = { SPOOL_KAFKA_TLS: 'on', SPOOL_KAFKA_TLS_CA: file };
    const sasl = { SPOOL_KAFKA_SASL_MECHANISM: 'scram-sha-512', SPOOL_KAFKA_SASL_USERNAME: 'u' };
    expect(schema.parse({ ...brokers, ...tls, ...sasl, SPOOL_KAFKA_SASL_PASSWORD: 'p' })).toMatchObject({
      ssl: { ca: PEM },
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    });
    expect(schema.parse({ ...brokers, SPOOL_KAFKA_TLS: 'on' }).ssl).toEqual({});
  });

  it('are refused with the variable and the rule', () => {
    expect(problems({})).toEqual([expect.stringMatching('^SPOOL_KAFKA_BROKERS: must name at least one broker')]);
    expect(problems({ ...brokers, SPOOL_KAFKA_SASL_MECHANISM: 'plain' })).toEqual([
      'SPOOL_KAFKA_SASL_USERNAME: is required by SPOOL_KAFKA_SASL_MECHANISM',
      'SPOOL_KAFKA_SASL_PASSWORD: is required by SPOOL_KAFKA_SASL_MECHANISM',
    ]);
    expect(problems({ ...brokers, SPOOL_KAFKA_SASL_PASSWORD: 'p' })).toEqual([
      'SPOOL_KAFKA_SASL_MECHANISM: is required by SPOOL_KAFKA_SASL_PASSWORD',
    ]);
    expect(problems({ ...brokers, SPOOL_KAFKA_SASL_MECHANISM: 'oauth' })).toHaveLength(1);
    expect(problems({ ...brokers, SPOOL_KAFKA_TLS_CA: file })).toEqual([
      'SPOOL_KAFKA_TLS: must be "on" for SPOOL_KAFKA_TLS_CA to count',
    ]);
    expect(problems({ ...brokers, SPOOL_KAFKA_TLS: 'on', SPOOL_KAFKA_TLS_CERT: file })).toEqual([
      'SPOOL_KAFKA_TLS_KEY: is required by SPOOL_KAFKA_TLS_CERT',
    ]);
    expect(problems({ ...brokers, SPOOL_KAFKA_TLS: 'on', SPOOL_KAFKA_TLS_CA: `${file}.not` })).toEqual([
      expect.stringMatching('^SPOOL_KAFKA_TLS_CA: cannot be read: ENOENT'),
    ]);
    const text = join(dir, 'text');
    writeFileSync(text, 'hello');
    expect(problems({ ...brokers, SPOOL_KAFKA_TLS: 'on', SPOOL_KAFKA_TLS_CA: text })).toEqual([
      `SPOOL_KAFKA_TLS_CA: must be the path of a PEM file: ${text} is none`,
    ]);
  });
});
