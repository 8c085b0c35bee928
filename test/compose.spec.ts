import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readConfig as readExecutor } from '../apps/executor/src/config.js';
import { readConfig as readGateway } from '../apps/gateway/src/config.js';
import { readConfig as readTriggerRouter } from '../apps/trigger-router/src/config.js';
import { type App, variablesOf } from './support/environment.js';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly networks: readonly string[] | Readonly<Record<string, unknown>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly stop_grace_period?: string;
}

/** What a person puts into .env before the first start. */
const SECRETS: Record<string, string> = {
  POSTGRES_PASSWORD: '0123456789abcdef',
  SPOOL_EXECUTOR_TOKEN: '0123456789abcdef',
  SPOOL_S3_ACCESS_KEY_ID: 'spool',
  SPOOL_S3_SECRET_ACCESS_KEY: '0123456789abcdef',
};
const { services, volumes } = parse(filled(readFileSync('docker-compose.yml', 'utf8')), { merge: true }) as {
  services: Record<string, Service>;
  volumes: object;
};
const readers = { gateway: readGateway, 'trigger-router': readTriggerRouter, executor: readExecutor };
const apps = Object.keys(readers) as (keyof typeof readers & App)[];
const environmentOf = (app: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(services[app]?.environment ?? {}).map(([name, value]) => [name, String(value)] as const),
  );

/** `${NAME:-default}` and `${NAME:?message}` as Docker Compose fills them in, one within another included. */
function filled(text: string): string {
  const innermost = /\$\{([A-Z0-9_]+):([-?])([^${}]*)\}/g;
  const next = text.replace(innermost, (_, name: string, kind: string, rest: string) => {
    if (kind === '?' && SECRETS[name] === undefined) throw new Error(`${name} is required, and no secret of .env`);
    return SECRETS[name] ?? rest;
  });
  return next === text ? text : filled(next);
}

describe.each(apps)('%s in docker-compose.yml', (app) => {
  it('is given only variables that it knows', () => {
    expect(Object.keys(environmentOf(app)).filter((name) => !variablesOf(app).includes(name))).toEqual([]);
  });

  it('starts with what it is given', () => {
    expect(() => readers[app](environmentOf(app))).not.toThrow();
  });

  it('runs a program that there is, in the one image', () => {
    const [program, , file = ''] = services[app]?.command ?? [];
    expect(program).toBe('node');
    expect(existsSync(file.replace(/^dist\//, '').replace(/\.js$/, '.ts'))).toBe(true);
    expect(services[app]?.image).toBe(services['gateway']?.image);
  });
});

describe('docker-compose.yml', () => {
  it('publishes to this machine only', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('keeps the executor away from the database, the event bus and the credentials of the store', () => {
    expect(services['executor']?.networks).toEqual(['work']);
    expect(services['postgres']?.networks).toEqual(['inside']);
    expect(services['kafka']?.networks).toEqual(['inside']);
    expect(Object.keys(environmentOf('executor')).filter((name) => /DATABASE|S3|KAFKA/.test(name))).toEqual([]);
  });

  it('gives the executor and the gateway the same token', () => {
    expect(environmentOf('executor')['SPOOL_EXECUTOR_TOKEN']).toBe(environmentOf('gateway')['SPOOL_EXECUTOR_TOKEN']);
  });

  it('gives each replica of the executor a work folder of its own', () => {
    expect(services['executor']?.volumes).toEqual([environmentOf('executor')['SPOOL_WORK_DIR']]);
  });

  it('waits for an executor longer than its tasks may go on', () => {
    const { drainMs, graceMs } = readers.executor(environmentOf('executor'));
    const [, seconds] = /^(\d+)s$/.exec(services['executor']?.stop_grace_period ?? '') ?? [];
    expect(Number(seconds) * 1_000).toBeGreaterThan(drainMs + graceMs);
  });

  it('keeps the data of each server in a volume of that name, and asks after the health of each', () => {
    for (const name of ['postgres', 'kafka', 's3']) {
      expect(services[name]?.volumes?.[0]).toMatch(new RegExp(`^${name}:/`));
      expect(services[name]?.healthcheck).toBeDefined();
    }
    expect(Object.keys(volumes).toSorted()).toEqual(['kafka', 'postgres', 's3']);
  });
});
