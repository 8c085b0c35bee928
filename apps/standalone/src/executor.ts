import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { drainRequested, ExecutorModule, sandboxOf, tryDrivers } from '../../executor/src/executor.module.js';
import { readConfig } from '../../executor/src/config.js';
import { type DirectGateway, DirectLanes } from '../../executor/src/fast-lane/direct.lane.js';

/** Nobody else bears this name: what it held belongs to nobody when the next one starts. */
export const EXECUTOR_NAME = 'standalone';

export interface ExecutorSettings {
  readonly gatewayUrl: string;
  readonly token: string;
  readonly dataDir: string;
}

const configOf = ({ gatewayUrl, token, dataDir }: ExecutorSettings) =>
  readConfig({
    ...process.env,
    SPOOL_GATEWAY_URL: gatewayUrl,
    SPOOL_EXECUTOR_TOKEN: token,
    SPOOL_EXECUTOR_NAME: EXECUTOR_NAME,
    SPOOL_WORK_DIR: `${dataDir}/work`,
  });

/** Tries the sandbox drivers while the rest starts. */
export function prepareExecutor(settings: Omit<ExecutorSettings, 'gatewayUrl'>) {
  const opening = tryDrivers(configOf({ ...settings, gatewayUrl: 'http://127.0.0.1' }));
  opening.catch(() => {}); // Whoever starts the executor hears of it.
  return {
    /** An executor as it would run elsewhere, beside the gateway it talks to; calls past the queue need no network. */
    async start(
      gatewayUrl: string,
      gateway: DirectGateway,
    ): Promise<{ app: INestApplicationContext; sandbox: string }> {
      const lanes = new DirectLanes(gateway);
      const root = ExecutorModule.forRoot(configOf({ ...settings, gatewayUrl }), { opening, lanes });
      const app = await NestFactory.createApplicationContext(root, { logger: false });
      void drainRequested(app).then(() => app.close());
      return { app, sandbox: sandboxOf(app) };
    },
  };
}
