import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MinioObjectNotifications, S3Clients, S3ObjectStore, S3ObjectTransfers } from '@app/object-store';
import { describeObjectNotifications } from '../../libs/object-store/src/object-notifications.contract.js';
import { describeObjectStore } from '../../libs/object-store/src/object-store.contract.js';
import { describeObjectTransfers } from '../../libs/object-store/src/object-transfers.contract.js';
import { MinioServer } from './support/minio-server.js';

let server: MinioServer;
let clients: S3Clients;
beforeAll(async () => {
  server = await MinioServer.start();
  clients = new S3Clients({ ...place(), forcePathStyle: true });
});
afterAll(async () => {
  clients.close();
  await server.stop();
});

const place = () => {
  const { endpoint, accessKeyId, secretAccessKey } = server;
  return { endpoint, accessKeyId, secretAccessKey, region: 'us-east-1' };
};
const store = () => new S3ObjectStore(clients);

const limits = { refusesDots: true, hidesNested: true };
describeObjectStore('the S3 adapter on MinIO', async () => store(), limits);
describeObjectTransfers('the S3 adapter on MinIO', async () => ({
  store: store(),
  transfers: new S3ObjectTransfers(clients),
}));
describeObjectNotifications('the listener on MinIO', async () => ({
  store: store(),
  notifications: new MinioObjectNotifications({
    ...place(),
    buckets: async () => ['notified'],
    refreshMs: 100,
    firstBackoffMs: 20,
  }),
}));

it('MinIO refuses keys with dots, and does not list an object beneath another', async () => {
  const bucket = 'limits';
  await store().ensureBucket(bucket);
  await expect(store().put({ bucket, key: 'a/../b' }, 'x')).rejects.toThrow('bad components');
  for (const key of ['a', 'a/b']) await store().put({ bucket, key }, key);
  expect((await store().list(bucket)).objects.map(({ key }) => key)).toEqual(['a']);
});
