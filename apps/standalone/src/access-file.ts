import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from './write-privately.js';

/** What a client on this machine needs; the demo and the tests read it. Present and fresh once Spool is ready. */
export interface AccessFile {
  readonly pid: number;
  readonly apiUrl: string;
  readonly consoleUrl: string;
  /** Absent if another installation's database is used whose first key was shown elsewhere. */
  readonly apiKey: string | undefined;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

const pathOf = (dataDir: string): string => join(dataDir, 'access.json');

export function readAccessFile(dataDir: string): AccessFile | undefined {
  const path = pathOf(dataDir);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as AccessFile) : undefined;
}

export const writeAccessFile = (dataDir: string, access: AccessFile): void => writePrivately(pathOf(dataDir), access);
