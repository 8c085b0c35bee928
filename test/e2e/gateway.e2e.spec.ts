import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeysService } from '@app/engine';
import { EXECUTOR_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());

describe('keys', () => {
  it('asks everybody for a key', async () => {
    const answer = await gateway.call('GET', '/v1/functions', undefined, { authorization: '' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.body).toMatchObject({
      type: 'urn:spool:error:api_key_missing',
      status: 401,
      code: 'api_key_missing',
    });
  });

  it('refuses a key that nobody made', async () => {
    const answer = await gateway.call('GET', '/v1/functions', undefined, { authorization: 'Bearer spool_wrong' });
    expect(answer).toMatchObject({ status: 401, body: { code: 'api_key_refused' } });
  });

  it('refuses a revoked key at once', async () => {
    const keys = gateway.app.get(ApiKeysService, { strict: false });
    const { id, key } = await keys.create('default', 'short-lived');
    const headers = { authorization: `Bearer ${key}` };
    expect((await gateway.call('GET', '/v1/functions', undefined, headers)).status).toBe(200);
    await keys.revoke('default', id);
    expect((await gateway.call('GET', '/v1/functions', undefined, headers)).status).toBe(401);
  });

  it('makes keys for the same namespace, shows each once, and revokes them', async () => {
    const { status, body } = await gateway.call('POST', '/v1/api-keys', { name: 'ci' });
    expect([status, body.key]).toEqual([201, expect.stringMatching(/^spool_[\w-]{43}$/)]);
    const withIt = () => gateway.call('GET', '/v1/system', undefined, { authorization: `Bearer ${body.key}` });
    expect((await withIt()).body).toMatchObject({ namespace: 'default' });
    const listed = await gateway.call('GET', '/v1/api-keys');
    expect(listed.body.items).toContainEqual(expect.objectContaining({ id: body.id, name: 'ci' }));
    expect(listed.text).not.toContain(body.key);
    expect((await gateway.call('DELETE', `/v1/api-keys/${body.id}`)).status).toBe(204);
    expect((await withIt()).status).toBe(401);
  });

  it('shows a key nothing of another namespace', async () => {
    await gateway.database.query({ text: "insert into namespace (name) values ('other')", values: [] });
    const { key } = await gateway.app.get(ApiKeysService, { strict: false }).create('other', 'theirs');
    const theirs = { authorization: `Bearer ${key}` };
    const definition = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
    await gateway.call('POST', '/v1/workflows', { name: 'mine', definition });
    const { id } = (await gateway.call('POST', '/v1/workflows/mine/executions')).body;
    for (const path of [
      '/v1/workflows/mine',
      `/v1/executions/${id}`,
      `/v1/executions/${id}/history`,
      `/v1/executions/${id}/events`,
    ]) {
      expect([path, (await gateway.call('GET', path, undefined, theirs)).status]).toEqual([path, 404]);
    }
    for (const path of ['/v1/workflows', '/v1/executions', '/v1/triggers', '/v1/events', '/v1/invocations']) {
      expect([path, (await gateway.call('GET', path, undefined, theirs)).body.items]).toEqual([path, []]);
    }
    expect((await gateway.call('POST', `/v1/executions/${id}/stop`, {}, theirs)).status).toBe(404);
  });

  it('takes a key in X-Api-Key too', async () => {
    const headers = { authorization: '', 'x-api-key': gateway.key };
    expect((await gateway.call('GET', '/v1/functions', undefined, headers)).status).toBe(200);
  });

  it('lets anybody see health, the documents and the console, however the address is written', async () => {
    for (const path of [
      '/health/live',
      '/health/ready',
      '/openapi.json',
      '/docs',
      '/console/',
      '/console/executions/1',
    ]) {
      expect([path, (await gateway.fetch(path)).status]).toEqual([path, 200]);
    }
    for (const path of [
      '/docs/../v1/functions',
      '//docs/v1/functions',
      '/v1/functions?/docs/',
      '/%76%31/functions',
      '/nothing',
    ]) {
      expect([path, (await gateway.fetch(path)).status]).toEqual([path, 401]);
    }
  });

  it('opens the worker API to the executors’ token only', async () => {
    const executor = { name: 'e', labels: [], capacity: { slots: 1, memoryMb: 1, vcpu: 1 }, version: '1' };
    const withToken = (token: string) =>
      gateway.call('POST', '/worker/v1/executors', executor, { authorization: `Bearer ${token}` });
    expect(await withToken(gateway.key)).toMatchObject({ status: 401, body: { code: 'executor_token_refused' } });
    expect(await withToken('')).toMatchObject({ status: 401 });
    expect(await withToken(EXECUTOR_TOKEN)).toMatchObject({ status: 201, body: { leaseSeconds: 30 } });
    const listed = await gateway.call('GET', '/v1/executors', undefined, { authorization: `Bearer ${EXECUTOR_TOKEN}` });
    expect(listed.status).toBe(401);
  });

  it('shows metrics to whoever sits on the machine, but not through a proxy on it', async () => {
    const local = await gateway.fetch('/metrics');
    expect(local.status).toBe(200);
    const text = await local.text();
    expect(text).toContain('spool_http_request_duration_seconds_bucket');
    expect(text).toContain('spool_executors_seen 1');
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect((await gateway.fetch('/metrics', { headers })).status).toBe(401);
    expect((await gateway.fetch('/metrics', { headers: { ...headers, 'x-api-key': gateway.key } })).status).toBe(200);
  });

  it('does not read the body of a stranger', async () => {
    const body = 'x'.repeat(20 * 1024 * 1024);
    const answer = await gateway
      .fetch('/v1/functions', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
      .catch(() => undefined);
    expect(answer?.status ?? 401).toBe(401);
  });
});

describe('problems', () => {
  it('says so when there is no such address', async () => {
    expect(await gateway.call('GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: {
        type: 'urn:spool:error:route_not_found',
        title: 'Not Found',
        code: 'route_not_found',
        requestId: expect.any(String),
      },
    });
  });

  it('says where a body is not JSON', async () => {
    expect(await gateway.call('POST', '/v1/workflows', '{"name": ')).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        errors: [{ pointer: '', message: expect.stringContaining('is not valid JSON') }],
      },
    });
  });

  it('refuses a body that would change prototypes', async () => {
    const answer = await gateway.call('POST', '/v1/workflows', '{"name":"a","__proto__":{"x":1}}');
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ pointer: '' }] } });
  });

  it('says that a body is required', async () => {
    expect(await gateway.call('POST', '/v1/workflows', '')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '', message: 'is required' }] },
    });
  });

  it('refuses a body that is too large', async () => {
    const answer = await gateway.call('POST', '/v1/workflows', JSON.stringify({ name: 'x'.repeat(11 * 1024 * 1024) }));
    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('refuses a body of another type', async () => {
    const answer = await gateway.call('POST', '/v1/workflows', 'a=b', { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('names the parameter of a query or an address that is wrong', async () => {
    expect(await gateway.call('GET', '/v1/executions?limit=0&status=DONE')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/status' }, { pointer: '/query/limit' }] },
    });
    expect(await gateway.call('GET', '/v1/executions/7')).toMatchObject({
      body: { errors: [{ pointer: '/path/id', message: 'must be a UUID' }] },
    });
    expect(await gateway.call('GET', '/v1/executions?cursor=x')).toMatchObject({
      body: { errors: [{ pointer: '/query/cursor' }] },
    });
  });

  it('names a parameter of a query that it does not know, and those that it does', async () => {
    expect(await gateway.call('GET', '/v1/dead-letters?triger=x&limit=1')).toMatchObject({
      status: 400,
      body: {
        errors: [{ pointer: '/query/triger', message: 'is not known here: there are limit, cursor, trigger' }],
      },
    });
    expect(await gateway.call('GET', '/v1/triggers?kind=object')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/kind', message: 'is not known here: this request takes no parameters' }] },
    });
  });

  it('tells nothing of what went wrong inside, but gives the id that the log has', async () => {
    await gateway.database.query({ text: 'alter table executor rename to executor_gone', values: [] });
    const answer = await gateway.call('GET', '/v1/executors', undefined, { 'x-request-id': 'find-me' });
    await gateway.database.query({ text: 'alter table executor_gone rename to executor', values: [] });
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal', requestId: 'find-me' } });
    expect(answer.text).not.toMatch(/executor_gone|relation|select/);
  });

  it('gives every answer an id and the headers that protect a browser', async () => {
    const { headers } = await gateway.call('GET', '/v1/functions');
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/media-src 'self' blob: http:\/\/127\.0\.0\.1:\d+/);
    expect(headers.get('cache-control')).toBe('no-store');
    const odd = await gateway.call('GET', '/v1/functions', undefined, { 'x-request-id': 'no spaces here' });
    expect(odd.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('the document', () => {
  it('is OpenAPI 3.1 and describes every route that the server has', async () => {
    const { body } = await gateway.call('GET', '/openapi.json');
    expect(body.openapi).toMatch(/^3\.1\./);
    const described = new Set(
      Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
        Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    );
    const routes = gateway.routes.filter(({ url }) => /^\/(v1|worker|health|metrics)/.test(url));
    expect(routes.length).toBeGreaterThan(40);
    const missing = routes
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
      .filter((route) => !described.has(route));
    expect(missing).toEqual([]);
  });

  it('has a summary, an answer, problems and who may call it, for every operation', async () => {
    const { body } = await gateway.call('GET', '/openapi.json');
    for (const [path, item] of Object.entries<Record<string, Operation>>(body.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const where = `${method} ${path}`;
        expect([where, operation.summary]).toEqual([where, expect.stringMatching(/\w{3}/)]);
        expect([where, operation.responses['default'].content]).toEqual([
          where,
          { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        ]);
        const success = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
        expect([where, success.length > 0]).toEqual([where, true]);
        if (success[0]?.[0] !== '204') expect([where, success[0]?.[1].content]).toEqual([where, expect.any(Object)]);
        expect([where, operation.security.length > 0]).toEqual([where, !/^\/(health|hooks)/.test(path)]);
      }
    }
  });

  it('refers only to components that it has, and has no body without a schema', async () => {
    const { body, text } = await gateway.call('GET', '/openapi.json');
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((name) => !(name in body.components.schemas))).toEqual([]);
    expect(text).not.toContain('$defs');
    expect(body.paths['/v1/functions'].post.requestBody.content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/NewFunction',
    });
    expect(body.components.schemas.NewFunction.properties.timeoutSeconds).toMatchObject({
      maximum: 86_400,
      default: 60,
    });
  });
});

interface Operation {
  readonly summary: string;
  readonly security: object[];
  readonly responses: Record<string, { content?: object }> & { default: { content?: object } };
}
