import { S3Clients } from '../s3/s3-clients.js';
import { S3ObjectStore } from '../s3/s3.object-store.js';
import { startTestServer } from './embedded.js';
import { RawHttp } from './raw-http.js';

/** An embedded server with a bucket, for who speaks to it both by our adapter and by bytes of their own. */
export async function startTestStore(bucket: string) {
  const server = await startTestServer();
  const clients = new S3Clients(server.options);
  const store = new S3ObjectStore(clients);
  await store.ensureBucket(bucket);
  return {
    server,
    clients,
    store,
    http: new RawHttp(server.server.endpoint),
    close: async () => {
      clients.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type TestStore = Awaited<ReturnType<typeof startTestStore>>;
