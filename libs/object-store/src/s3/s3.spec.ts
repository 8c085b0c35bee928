import { afterAll, describe, expect, it } from '@jest/globals';
import { describeObjectStore } from '../object-store.contract.js';
import { ObjectStoreUnavailable } from '../object-store.errors.js';
import { describeObjectTransfers } from '../object-transfers.contract.js';
import { startTestServer } from '../testing/embedded.js';
import { S3Clients } from './s3-clients.js';
import { S3ObjectStore } from './s3.object-store.js';
import { S3ObjectTransfers } from './s3.object-transfers.js';

const cleanUps: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

async function connect() {
  const server = await startTestServer();
  const clients = new S3Clients(server.options);
  cleanUps.push(async () => {
    clients.close();
    await server[Symbol.asyncDispose]();
  });
  return { store: new S3ObjectStore(clients), transfers: new S3ObjectTransfers(clients), server };
}

describeObjectStore('S3ObjectStore', async () => (await connect()).store);
describeObjectTransfers('S3ObjectTransfers', connect);

describe('the S3 adapter', () => {
  it('presigns for the public endpoint', async () => {
    const { server } = await connect();
    const clients = new S3Clients({ ...server.options, publicEndpoint: 'https://media.example.org' });
    const url = await new S3ObjectTransfers(clients).presignGet({ bucket: 'b', key: 'k' }, 60);
    expect(url).toMatch(/^https:\/\/media\.example\.org\/b\/k\?/);
    clients.close();
  });

  it('says that the store is not available when nobody answers', async () => {
    const { store, server } = await connect();
    await server.server.close();
    await expect(store.head({ bucket: 'b', key: 'k' })).rejects.toThrow(ObjectStoreUnavailable);
  });
});
