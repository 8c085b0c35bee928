import type { Running } from './start.js';

/** Words for the person at the terminal; logs go through the logger. */
export const say = (line: string): boolean => process.stdout.write(`${line}\n`);

export function welcome({ access, dataDir, newKey, sandbox }: Running, tookMs: number): void {
  const { apiUrl, consoleUrl, s3 } = access;
  say(`Spool is ready after ${(tookMs / 1_000).toFixed(1)} s.`);
  say(`  API       ${apiUrl}  (description at ${apiUrl}/docs)`);
  say(`  Console   ${consoleUrl}`);
  say(`  S3        ${s3.endpoint}  region ${s3.region}, access key ${s3.accessKeyId}`);
  say(`  Sandbox   ${sandbox}`);
  say(`  Data      ${dataDir}  (keys in access.json and secrets.json, for your eyes only)`);
  if (newKey) say(`  API key   ${newKey}  (shown this once; Authorization: Bearer …)`);
}
