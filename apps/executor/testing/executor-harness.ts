import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Assignment, TaskResult } from '@app/worker-api';
import { TestGateway, TOKEN } from './test-gateway.js';
import { readConfig } from '../src/config.js';
import { drainRequested, ExecutorModule } from '../src/executor.module.js';

/** For specs of the whole executor: a gateway and an executor on it, new for each test. */
export let gateway: TestGateway;
export let workDir: string;
let app: INestApplicationContext;

const start = (env: Record<string, string> = {}) =>
  NestFactory.createApplicationContext(
    ExecutorModule.forRoot(
      readConfig({
        SPOOL_GATEWAY_URL: gateway.url,
        SPOOL_EXECUTOR_TOKEN: TOKEN,
        SPOOL_EXECUTOR_SLOTS: '2',
        SPOOL_WORK_DIR: workDir,
        SPOOL_GRACE_SECONDS: '0.1',
        SPOOL_DRAIN_SECONDS: '0.1',
        SPOOL_WARM_IDLE_SECONDS: '0',
        SPOOL_PROBE_CODECS: 'never',
        SPOOL_TEMPLATES: '0',
        SPOOL_GPUS: 'none',
        SPOOL_SANDBOX: process.env.SPOOL_SANDBOX ?? 'process',
        ...env,
      }),
    ),
    { logger: false },
  );

beforeEach(async () => {
  gateway = new TestGateway();
  await gateway.listen();
  workDir = mkdtempSync(join(tmpdir(), 'spool-executor-'));
  app = await start();
});
afterEach(async () => {
  gateway.isDown = false;
  await app.close();
  await gateway.close();
  rmSync(workDir, { recursive: true, force: true });
});

export const drained = (): Promise<void> => drainRequested(app);
export const stopExecutor = (): Promise<void> => app.close();

export async function startExecutor(env: Record<string, string> = {}): Promise<void> {
  app = await start(env);
}

export async function until<T>(find: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = find();
    if (found) return found;
    await sleep(5);
  }
}
export const resultOf = ({ id }: Assignment): Promise<TaskResult> => until(() => gateway.tasks.get(id)?.result);
export const command = (...argv: string[]): Assignment['function'] => ({
  name: 'c',
  version: 1,
  runtime: 'command',
  command: argv,
  environment: {},
  memoryMb: 128,
});
export const shell = (script: string) => command('sh', '-c', script);
export const nodejs = async (code: string): Promise<Assignment['function']> => ({
  name: 'f',
  version: 1,
  runtime: 'nodejs',
  handler: 'index.handler',
  codeDigest: await gateway.addCode({ 'index.mjs': code }),
  environment: {},
  memoryMb: 128,
});
export const isRunning = (text: string) =>
  readdirSync('/proc').some((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && pid !== String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      );
    } catch {
      return false;
    }
  });
export const foldersLeft = () =>
  readdirSync(join(workDir, 'tasks'), { recursive: true }).filter((name) => String(name).includes('-1/'));
