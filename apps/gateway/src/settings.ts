import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { GatewayConfig } from './config.js';

/** What the doors themselves need; the database and the other ports come from global modules. */
export type GatewaySettings = Pick<GatewayConfig, 'executorToken' | 'logLevel' | 'consoleDir' | 'workers'> & {
  readonly s3: Pick<GatewayConfig['s3'], 'endpoint' | 'publicEndpoint' | 'region'>;
};

/** Injection token of GatewaySettings. */
export const SETTINGS = Symbol('GatewaySettings');

const manifest = createRequire(join(process.cwd(), 'package.json'))('./package.json') as { version?: string };
export const VERSION = manifest.version ?? '0.0.0';
