import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfig } from './config.js';

/** What the doors themselves need; the database and the other ports come from global modules. */
export type GatewaySettings = Pick<
  GatewayConfig,
  'executorToken' | 'logLevel' | 'consoleDir' | 'region' | 'workers'
> & {
  readonly s3: Pick<GatewayConfig['s3'], 'endpoint' | 'publicEndpoint' | 'region'>;
};

/** Injection token of GatewaySettings. */
export const SETTINGS = Symbol('GatewaySettings');

export const VERSION = versionOf(join(process.cwd(), 'package.json'));

/** Of the repository that it was started from; nobody else has one to tell. */
function versionOf(manifestPath: string): string {
  try {
    return (JSON.parse(readFileSync(manifestPath, 'utf8')) as { version?: string }).version ?? '0.0.0';
  } catch {
    return '0.0.0';
  }
}
