import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());

const wanted = {
  name: 'pager',
  workflows: ['bill'],
  types: ['spool.execution.failed'],
  destination: { url: 'https://example.org/hook', secret: 'a-long-secret', headers: { authorization: 'Bearer x' } },
};
const refused = async (change: object, pointer: string) => {
  const { status, body } = await gateway.call('POST', '/v1/subscriptions', { ...wanted, ...change });
  expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer]);
};

describe('a subscription', () => {
  it('is made, shown without its secrets, changed and deleted', async () => {
    const made = await gateway.call('POST', '/v1/subscriptions', wanted);
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'pager',
        workflows: ['bill'],
        destination: { mode: 'structured', secret: '********', headers: { authorization: '********' } },
        enabled: true,
      },
    });
    expect(made.text).not.toContain('a-long-secret');
    expect((await gateway.call('POST', '/v1/subscriptions', wanted)).body.code).toBe('subscription_name_taken');
    const change = { destination: { topic: 'ends' }, enabled: false };
    expect(await gateway.call('PUT', '/v1/subscriptions/pager', change)).toMatchObject({ status: 200, body: change });
    expect((await gateway.call('GET', '/v1/subscriptions')).body.items).toMatchObject([{ name: 'pager' }]);
    expect((await gateway.call('DELETE', '/v1/subscriptions/pager')).status).toBe(204);
    expect((await gateway.call('GET', '/v1/subscriptions/pager')).body.code).toBe('subscription_not_found');
  });

  it('is refused with a pointer to each rule that it breaks', async () => {
    await refused({ types: ['spool.object.created'] }, '/types/0');
    await refused({ workflows: [] }, '/workflows');
    await refused({ destination: { url: 'file:///etc/passwd' } }, '/destination/url');
    await refused({ destination: {} }, '/destination');
    await refused({ name: 'a b' }, '/name');
  });
});
