import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from './write-privately.js';

/** Made at the first start and kept in the data folder, readable by its owner only. */
export interface Secrets {
  readonly executorToken: string;
  readonly s3: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  const secrets = {
    executorToken: randomBytes(32).toString('base64url'),
    s3: {
      accessKeyId: `SPOOL${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
    },
  };
  writePrivately(path, secrets);
  return secrets;
}
