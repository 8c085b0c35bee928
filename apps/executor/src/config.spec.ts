import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';

const token = { SPOOL_EXECUTOR_TOKEN: 'a token that is long' };

describe('the configuration of an executor', () => {
  it('needs nothing but the token', () => {
    const config = readConfig(token);
    expect(config).toMatchObject({ gatewayUrl: 'http://127.0.0.1:7700', labels: ['cpu'], graceMs: 5_000 });
    expect(config.capacity.slots).toBeGreaterThan(0);
    expect(config.workDir).toMatch(/\/\.spool\/executor$/);
  });

  it('reads labels and numbers', () => {
    const env = {
      ...token,
      SPOOL_EXECUTOR_LABELS: 'cpu, gpu,nvenc',
      SPOOL_EXECUTOR_SLOTS: '3',
      SPOOL_GRACE_SECONDS: '0',
      SPOOL_WORK_DIR: '/w',
    };
    expect(readConfig(env)).toMatchObject({
      labels: ['cpu', 'gpu', 'nvenc'],
      capacity: { slots: 3 },
      graceMs: 0,
      workDir: '/w',
    });
  });

  it('names everything that is wrong at once', () => {
    const env = { SPOOL_GATEWAY_URL: 'ftp://x', SPOOL_EXECUTOR_SLOTS: 'many', SPOOL_EXECUTOR_LABELS: 'GPU!' };
    expect(() => readConfig(env)).toThrow(
      /SPOOL_GATEWAY_URL[^]*SPOOL_EXECUTOR_TOKEN[^]*SPOOL_EXECUTOR_SLOTS[^]*SPOOL_EXECUTOR_LABELS/,
    );
  });
});
