import { ApiKeysService } from '@app/engine';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';
import { event, flow, type Probe, type Request, ROUTES, type Things } from '../support/hostile/routes.js';

const NOBODYS: Things = {
  name: 'omega',
  execution: '00000000-0000-4000-8000-000000000001',
  invocation: '00000000-0000-4000-8000-000000000002',
  mapRun: '00000000-0000-4000-8000-000000000003',
  letter: '00000000-0000-4000-8000-000000000004',
  apiKey: '00000000-0000-4000-8000-000000000005',
  token: 'o'.repeat(43),
  event: 'an-event-that-never-came',
};
/** What only looks comes first: it would see what the others make. */
const probes = Object.entries(ROUTES)
  .filter((entry): entry is [string, Probe] => typeof entry[1] === 'function')
  .toSorted(([a], [b]) => Number(b.startsWith('GET ')) - Number(a.startsWith('GET ')));
const keyed = Object.entries(ROUTES).filter(([, kind]) => typeof kind === 'function' || kind === 'shared');

let gateway: TestGateway;
let alphas: Things;
let beta: string;
const ofBeta = (method: string, { path, body }: Request): Promise<Answer> =>
  gateway.call(method, path, body, { authorization: `Bearer ${beta}` });
const made = async (path: string, body: unknown) => {
  const answer = await gateway.call('POST', path, body);
  expect([path, answer.status < 300 || answer.text, answer.text]).toEqual([path, true, answer.text]);
  return answer.body;
};

beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.database.query({ text: "insert into namespace (name) values ('beta')", values: [] });
  beta = (await gateway.app.get(ApiKeysService, { strict: false }).create('beta', 'theirs')).key;
  const name = 'alpha';
  await made('/v1/functions', { name, runtime: 'command', command: ['echo', 'SECRET'] });
  await gateway.call('PUT', `/v1/functions/${name}/event-invoke-config`, { maximumRetryAttempts: 2 });
  await made('/v1/activities', { name });
  const distributed = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
  const each = {
    Type: 'Map',
    ItemProcessor: { ...distributed, ...flow({ Type: 'Pass' }, 'Item') },
    Items: [1],
  };
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'S',
    States: {
      S: {
        Type: 'Parallel',
        Branches: [flow({ Type: 'Task', Resource: `activity:${name}` }, 'Review'), flow(each, 'Each')],
        End: true,
      },
    },
  };
  await made('/v1/workflows', { name, definition });
  await gateway.call('PUT', `/v1/workflows/${name}/aliases/${name}`, { routes: [{ version: 1, weight: 100 }] });
  const execution = (await made(`/v1/workflows/${name}/executions`, { input: { SECRET: 1 } })).id;
  const [{ taskToken: token }] = (await made(`/v1/activities/${name}/tasks`, { waitSeconds: 30 })).tasks;
  const [mapRun] = (await gateway.call('GET', `/v1/executions/${execution}/map-runs`)).body.items;
  const invocation = (await made(`/v1/functions/${name}/invocations?mode=async&dedupKey=SECRET`, { SECRET: 1 })).id;
  const source = { bucket: name };
  await made('/v1/triggers', { name, kind: 'object', source, target: { workflow: name } });
  await made('/v1/events', event);
  await made('/v1/subscriptions', { name, destination: { topic: 'SECRET' } });
  await made(`/v1/topics/${name}/messages`, { messages: [{ value: 'SECRET' }] });
  await made('/v1/hooks/s3', { Records: [{ SECRET: 1 }] });
  await gateway.call('PUT', '/v1/quotas', { maxQueued: 77 });
  const [letter] = (await gateway.call('GET', '/v1/dead-letters')).body.items;
  const [{ id: apiKey }] = (await gateway.call('GET', '/v1/api-keys')).body.items;
  alphas = { name, execution, invocation, mapRun: mapRun.id, letter: letter.id, apiKey, token, event: event.id };
});
afterAll(() => gateway?.close());

/** All that the first tenant has, as it sees it. */
async function seenByAlpha(): Promise<unknown> {
  const lists = 'functions workflows triggers activities subscriptions api-keys dead-letters events quotas retention';
  const { name, execution, invocation, mapRun } = alphas;
  const paths = [
    ...lists.split(' ').map((list) => `/v1/${list}`),
    `/v1/workflows/${name}/aliases`,
    `/v1/functions/${name}/event-invoke-config`,
    `/v1/executions/${execution}`,
    `/v1/executions/${execution}/history`,
    `/v1/invocations/${invocation}`,
    `/v1/map-runs/${mapRun}`,
  ];
  const answers = await Promise.all(paths.map(async (path) => [path, (await gateway.call('GET', path)).body]));
  return JSON.parse(JSON.stringify(Object.fromEntries(answers), (key, value) => (key === 'progress' ? 0 : value)));
}

/** With what each is called replaced, so that what is said of both can be compared. */
function masked({ status, text }: Answer, things: Things): [number, string] {
  const names = Object.entries(things).reduce((all, [what, name]) => all.replaceAll(name, `(${what})`), text);
  const changing = /"(requestId|id|createdAt|updatedAt|offset|source)":"[^"]*"/g;
  return [status, names.replace(changing, '"$1":""')];
}

describe('the routes of the API', () => {
  it('are all classified here', async () => {
    const { paths } = (await gateway.call('GET', '/openapi.json')).body;
    const described = Object.entries<object>(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  it.each([
    ['without a key', () => ({ authorization: '' })],
    ['with a key that nobody made', () => ({ authorization: 'Bearer spool_made-up' })],
    ['with the token of executors', () => ({ authorization: `Bearer ${EXECUTOR_TOKEN}` })],
    ['with a key in the address only', () => ({ authorization: '', 'x-query': `?key=${gateway.key}` })],
  ])('tell nothing %s, not even what there is', async (_how, headers) => {
    for (const [route, kind] of keyed) {
      const [method = '', path = ''] = route.split(' ');
      const request = typeof kind === 'function' ? kind(alphas) : { path: path.replaceAll(/[{}]/g, '') };
      const { 'x-query': query = '', ...sent } = headers() as Record<string, string>;
      const answer = await gateway.call(method, request.path.split('?')[0] + query, request.body, sent);
      expect([route, answer.status]).toEqual([route, 401]);
      expect(answer.text).not.toMatch(/SECRET/);
    }
  });

  it('tell nothing with a key that was revoked', async () => {
    const keys = gateway.app.get(ApiKeysService, { strict: false });
    const { id, key } = await keys.create('default', 'gone');
    await keys.revoke('default', id);
    for (const [route, probe] of probes) {
      const { path, body } = probe(alphas);
      const answer = await gateway.call(route.split(' ')[0] ?? '', path, body, { authorization: `Bearer ${key}` });
      expect([route, answer.status]).toEqual([route, 401]);
    }
  });

  it('of executors are not for tenants', async () => {
    for (const route of Object.keys(ROUTES).filter((one) => ROUTES[one] === 'executor')) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await gateway.call(
        method,
        path.replace(/\{\w+\}/, alphas.invocation),
        method === 'GET' ? undefined : {},
      );
      expect([route, answer.status, answer.body.code]).toEqual([route, 401, 'executor_token_refused']);
    }
  });
});

describe('a tenant', () => {
  it('is answered about the things of another as about things that nobody has, and changes none of them', async () => {
    const before = await seenByAlpha();
    for (const [route, probe] of probes) {
      const [method = ''] = route.split(' ');
      const nobodys = masked(await ofBeta(method, probe(NOBODYS)), NOBODYS);
      const alpha = masked(await ofBeta(method, probe(alphas)), alphas);
      expect([route, ...alpha]).toEqual([route, ...nobodys]);
      expect([route, alpha[1]]).toEqual([route, expect.not.stringMatching(/alpha|SECRET|77/)]);
    }
    expect(await seenByAlpha()).toEqual(before);
  });

  it('does not stop an executor that works for all', async () => {
    const machine = { name: 'e', labels: [], capacity: { slots: 1, memoryMb: 1, vcpu: 1 }, version: '1' };
    const token = { authorization: `Bearer ${EXECUTOR_TOKEN}` };
    const { executorId } = (await gateway.call('POST', '/worker/v1/executors', machine, token)).body;
    const path = `/v1/executors/${executorId}/drain`;
    expect(await ofBeta('POST', { path })).toMatchObject({ status: 403, body: { code: 'operators_only' } });
    expect((await gateway.call('GET', `/v1/executors/${executorId}`)).body.state).toBe('active');
    expect((await gateway.call('POST', path)).status).toBe(202);
  });

  it('sends to topics of its own, whatever they are called', async () => {
    await gateway.call('POST', '/v1/triggers', {
      name: 'hears',
      kind: 'topic',
      source: { topic: 'alpha', from: 'earliest' },
      target: { workflow: 'alpha' },
    });
    const { body } = await gateway.call('GET', '/v1/triggers/hears/place');
    expect(body.partitions).toMatchObject([{ end: '1' }]);
  });
});
