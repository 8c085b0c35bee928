import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { readConfig } from '../../apps/executor/src/config.js';
import { ExecutorModule } from '../../apps/executor/src/executor.module.js';
import { EXECUTOR_TOKEN, type TestGateway } from './gateway.js';

export interface TestExecutor {
  stop(): Promise<void>;
}

/** A real executor in this process, on a gateway of `startTestGateway`. */
export async function startTestExecutor(gateway: TestGateway, env: Record<string, string> = {}): Promise<TestExecutor> {
  const workDir = await mkdtemp(join(tmpdir(), 'spool-executor-'));
  const config = readConfig({
    SPOOL_GATEWAY_URL: gateway.url,
    SPOOL_EXECUTOR_TOKEN: EXECUTOR_TOKEN,
    SPOOL_EXECUTOR_SLOTS: '2',
    SPOOL_EXECUTOR_VCPU: '2',
    SPOOL_WORK_DIR: workDir,
    SPOOL_GRACE_SECONDS: '0.1',
    SPOOL_DRAIN_SECONDS: '0.1',
    SPOOL_SANDBOX: process.env['SPOOL_SANDBOX'] ?? 'process',
    ...env,
  });
  const app = await NestFactory.createApplicationContext(ExecutorModule.forRoot(config), { logger: false });
  return {
    stop: async () => {
      await app.close();
      await rm(workDir, { recursive: true, force: true });
    },
  };
}
