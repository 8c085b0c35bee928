import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedS3, type EmbeddedS3Options } from '../embedded/embedded-s3.js';
import type { S3StoreOptions } from '../s3/s3-options.js';

export const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret/with+signs=' };

export interface TestServer extends AsyncDisposable {
  readonly dir: string;
  readonly server: EmbeddedS3;
  readonly options: S3StoreOptions;
  restart(): Promise<TestServer>;
}

/** An embedded server on a folder of its own, which goes with it. */
export async function startTestServer(more: Partial<EmbeddedS3Options> = {}): Promise<TestServer> {
  const dir = more.dir ?? (await mkdtemp(join(tmpdir(), 'spool-s3-')));
  const server = await EmbeddedS3.start({ dir, port: 0, credentials, ...more });
  return {
    dir,
    server,
    options: { endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, ...credentials },
    restart: async () => {
      await server.close();
      return startTestServer({ ...more, dir });
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
