import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExecutorModule, sandboxOf } from '../../executor/src/executor.module.js';
import { readConfig } from '../../executor/src/config.js';

/** Nobody else bears this name: what it held belongs to nobody when the next one starts. */
export const EXECUTOR_NAME = 'standalone';

export interface ExecutorSettings {
  readonly gatewayUrl: string;
  readonly token: string;
  readonly dataDir: string;
}

/** An executor as it would run elsewhere, on this machine and beside the gateway it talks to. */
export async function startExecutor({
  gatewayUrl,
  token,
  dataDir,
}: ExecutorSettings): Promise<{ app: INestApplicationContext; sandbox: string }> {
  const config = readConfig({
    ...process.env,
    SPOOL_GATEWAY_URL: gatewayUrl,
    SPOOL_EXECUTOR_TOKEN: token,
    SPOOL_EXECUTOR_NAME: EXECUTOR_NAME,
    SPOOL_WORK_DIR: `${dataDir}/work`,
  });
  const app = await NestFactory.createApplicationContext(ExecutorModule.forRoot(config), { logger: false });
  return { app, sandbox: sandboxOf(app) };
}
