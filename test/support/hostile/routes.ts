/** What a request is about: things of another tenant, or things that nobody has. */
export interface Things {
  readonly name: string;
  readonly execution: string;
  readonly invocation: string;
  readonly mapRun: string;
  readonly letter: string;
  readonly apiKey: string;
  readonly token: string;
  readonly event: string;
}
export interface Request {
  readonly path: string;
  readonly body?: unknown;
}
export type Probe = (things: Things) => Request;

/** `open`: without a key; `executor`: with the executors' token; `local`: on this machine; `shared`: the same for all. */
export type Class = 'open' | 'executor' | 'local' | 'shared' | Probe;

const at =
  (path: (things: Things) => string, body?: (things: Things) => unknown): Probe =>
  (things) => ({ path: path(things), ...(body && { body: body(things) }) });
const own = (path: string): Probe => at(() => path);
export const flow = (state: object, name = 'S') => ({ StartAt: name, States: { [name]: { End: true, ...state } } });
const newTrigger = ({ name }: Things, more: object = {}) => ({
  name: 'probing',
  kind: 'event',
  source: {},
  target: { workflow: name },
  ...more,
});
export const event = {
  specversion: '1.0',
  id: 'an-event-that-came',
  source: '/films',
  type: 'x',
  time: '2026-01-01T00:00:00Z',
};

/**
 * Every route of the API, and how it could tell of another tenant's things, or change them. A new one stands here, or
 * the first test fails.
 */
export const ROUTES: Readonly<Record<string, Class>> = {
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'POST /hooks/{namespace}/{path}': 'open',
  'PUT /hooks/{namespace}/{path}': 'open',
  'GET /hooks/{namespace}/{path}': 'open',
  'GET /metrics': 'local',
  'POST /worker/v1/executors': 'executor',
  'PUT /worker/v1/executors/{id}': 'executor',
  'DELETE /worker/v1/executors/{id}': 'executor',
  'POST /worker/v1/executors/{id}/poll': 'executor',
  'POST /worker/v1/tasks/{id}/logs': 'executor',
  'POST /worker/v1/tasks/{id}/uploads': 'executor',
  'POST /worker/v1/tasks/{id}/result': 'executor',
  'GET /worker/v1/code/{digest}': 'executor',
  'GET /v1/system': 'shared',
  'GET /v1/executors': 'shared',
  'GET /v1/executors/events': 'shared',
  'GET /v1/executors/{id}': 'shared',
  'POST /v1/executors/{id}/drain': 'shared',
  'GET /v1/buckets': 'shared',
  'POST /v1/buckets': 'shared',
  'GET /v1/objects': 'shared',
  'GET /v1/objects/url': 'shared',
  'POST /v1/schedules/preview': 'shared',
  'POST /v1/event-patterns/test': 'shared',
  'GET /v1/instances/events': 'shared',
  'GET /v1/workflows/{name}/aliases': at(({ name }) => `/v1/workflows/${name}/aliases`),
  'GET /v1/workflows/{name}/aliases/{alias}': at(({ name }) => `/v1/workflows/${name}/aliases/${name}`),
  'PUT /v1/workflows/{name}/aliases/{alias}': at(
    ({ name }) => `/v1/workflows/${name}/aliases/${name}`,
    () => ({ routes: [{ version: 1, weight: 100 }] }),
  ),
  'DELETE /v1/workflows/{name}/aliases/{alias}': at(({ name }) => `/v1/workflows/${name}/aliases/${name}`),
  'POST /v1/activities': at(
    () => '/v1/activities',
    () => ({ name: 'beta' }),
  ),
  'GET /v1/activities': own('/v1/activities'),
  'GET /v1/activities/{name}': at(({ name }) => `/v1/activities/${name}`),
  'DELETE /v1/activities/{name}': at(({ name }) => `/v1/activities/${name}`),
  'POST /v1/activities/{name}/tasks': at(
    ({ name }) => `/v1/activities/${name}/tasks`,
    () => ({ waitSeconds: 0 }),
  ),
  'POST /v1/api-keys': 'shared',
  'GET /v1/api-keys': own('/v1/api-keys'),
  'DELETE /v1/api-keys/{id}': at(({ apiKey }) => `/v1/api-keys/${apiKey}`),
  'GET /v1/dead-letters': at(({ name }) => `/v1/dead-letters?trigger=${name}`),
  'POST /v1/dead-letters/redrive': at(
    () => '/v1/dead-letters/redrive',
    ({ name }) => ({ trigger: name }),
  ),
  'GET /v1/dead-letters/{id}': at(({ letter }) => `/v1/dead-letters/${letter}`),
  'DELETE /v1/dead-letters/{id}': at(({ letter }) => `/v1/dead-letters/${letter}`),
  'POST /v1/dead-letters/{id}/redrive': at(({ letter }) => `/v1/dead-letters/${letter}/redrive`),
  'POST /v1/events/replay': at(
    () => '/v1/events/replay',
    (things) => ({ source: '/films', id: things.event }),
  ),
  'GET /v1/functions/{name}/event-invoke-config': at(({ name }) => `/v1/functions/${name}/event-invoke-config`),
  'PUT /v1/functions/{name}/event-invoke-config': at(
    ({ name }) => `/v1/functions/${name}/event-invoke-config`,
    () => ({ maximumRetryAttempts: 1 }),
  ),
  'DELETE /v1/functions/{name}/event-invoke-config': at(({ name }) => `/v1/functions/${name}/event-invoke-config`),
  'POST /v1/events': at(
    () => '/v1/events',
    () => ({ ...event, source: `/by/${Math.random()}` }),
  ),
  'GET /v1/events/data': at((things) => `/v1/events/data?source=/films&id=${things.event}`),
  'GET /v1/events': own('/v1/events?source=/films'),
  'POST /v1/triggers/{name}/explain': at(
    ({ name }) => `/v1/triggers/${name}/explain`,
    (things) => ({ stored: { source: '/films', id: things.event } }),
  ),
  'POST /v1/triggers/test': at(
    () => '/v1/triggers/test',
    (things) => ({ trigger: newTrigger(things), event }),
  ),
  'GET /v1/executions/{id}/input': at(({ execution }) => `/v1/executions/${execution}/input`),
  'GET /v1/executions/{id}/output': at(({ execution }) => `/v1/executions/${execution}/output`),
  'GET /v1/executions/{id}/history/{event}/{detail}': at(
    ({ execution }) => `/v1/executions/${execution}/history/1/input`,
  ),
  'GET /v1/executions': at(({ execution, mapRun }) => `/v1/executions?parent=${execution}&mapRun=${mapRun}`),
  'GET /v1/executions/{id}': at(({ execution }) => `/v1/executions/${execution}`),
  'POST /v1/executions/{id}/stop': at(({ execution }) => `/v1/executions/${execution}/stop`),
  'GET /v1/executions/{id}/history': at(({ execution }) => `/v1/executions/${execution}/history`),
  'GET /v1/executions/{id}/events': at(({ execution }) => `/v1/executions/${execution}/events`),
  'GET /v1/triggers/{name}/place': at(({ name }) => `/v1/triggers/${name}/place`),
  'POST /v1/triggers/{name}/reset': at(
    ({ name }) => `/v1/triggers/${name}/reset`,
    () => ({ to: 'earliest' }),
  ),
  'POST /v1/executions/{id}/redrive': at(({ execution }) => `/v1/executions/${execution}/redrive`),
  'POST /v1/executions/{id}/rerun': at(
    ({ execution }) => `/v1/executions/${execution}/rerun`,
    () => ({ from: 'S' }),
  ),
  'POST /v1/workflows/{name}/executions': at(
    ({ name }) => `/v1/workflows/${name}/executions`,
    () => ({}),
  ),
  'POST /v1/functions': at(
    () => '/v1/functions',
    () => ({ name: 'beta', runtime: 'command', command: ['true'] }),
  ),
  'GET /v1/functions': own('/v1/functions'),
  'GET /v1/functions/{name}': at(({ name }) => `/v1/functions/${name}`),
  'DELETE /v1/functions/{name}': at(({ name }) => `/v1/functions/${name}`),
  'GET /v1/functions/{name}/versions': at(({ name }) => `/v1/functions/${name}/versions`),
  'POST /v1/hooks/s3': at(
    () => '/v1/hooks/s3',
    () => ({ Records: [] }),
  ),
  'GET /v1/instances': at(({ name }) => `/v1/instances?function=${name}`),
  'GET /v1/invocations/{id}/logs/events': at(({ invocation }) => `/v1/invocations/${invocation}/logs/events`),
  'GET /v1/invocations': at(({ execution, name }) => `/v1/invocations?execution=${execution}&function=${name}`),
  'GET /v1/invocations/{id}': at(({ invocation }) => `/v1/invocations/${invocation}`),
  'GET /v1/invocations/{id}/logs': at(({ invocation }) => `/v1/invocations/${invocation}/logs`),
  'POST /v1/invocations/{id}/cancel': at(({ invocation }) => `/v1/invocations/${invocation}/cancel`),
  'POST /v1/functions/{name}/invocations': at(
    ({ name }) => `/v1/functions/${name}/invocations?mode=async&dedupKey=SECRET`,
    () => ({}),
  ),
  'GET /v1/result-cache': own('/v1/result-cache'),
  'DELETE /v1/result-cache': at(({ name }) => `/v1/result-cache?function=${name}`),
  'GET /v1/executions/{id}/map-runs': at(({ execution }) => `/v1/executions/${execution}/map-runs`),
  'GET /v1/map-runs/{id}': at(({ mapRun }) => `/v1/map-runs/${mapRun}`),
  'PATCH /v1/map-runs/{id}': at(
    ({ mapRun }) => `/v1/map-runs/${mapRun}`,
    () => ({ maxConcurrency: 1 }),
  ),
  'GET /v1/buckets/{bucket}/ledger': at(({ name }) => `/v1/buckets/${name}/ledger`),
  'GET /v1/ledger': own('/v1/ledger'),
  'GET /v1/buckets/{bucket}/ledger/objects': at(({ name }) => `/v1/buckets/${name}/ledger/objects`),
  'POST /v1/buckets/{bucket}/sweep': at(({ name }) => `/v1/buckets/${name}/sweep`),
  'GET /v1/retention': own('/v1/retention'),
  'PUT /v1/retention': at(
    () => '/v1/retention',
    () => ({}),
  ),
  'GET /v1/quotas': own('/v1/quotas'),
  'PUT /v1/quotas': at(
    () => '/v1/quotas',
    () => ({}),
  ),
  'GET /v1/triggers/{name}/ticks': at(({ name }) => `/v1/triggers/${name}/ticks`),
  'POST /v1/task-tokens/success': at(
    () => '/v1/task-tokens/success',
    ({ token }) => ({ taskToken: token, output: 1 }),
  ),
  'POST /v1/task-tokens/failure': at(
    () => '/v1/task-tokens/failure',
    ({ token }) => ({ taskToken: token }),
  ),
  'POST /v1/task-tokens/heartbeat': at(
    () => '/v1/task-tokens/heartbeat',
    ({ token }) => ({ taskToken: token }),
  ),
  'POST /v1/task-tokens/results': at(
    () => '/v1/task-tokens/results',
    ({ token }) => ({ results: [{ taskToken: token, output: 1 }] }),
  ),
  'POST /v1/workflows/test-state': at(
    () => '/v1/workflows/test-state',
    ({ name }) => ({
      definition: { Type: 'Task', Resource: `function:${name}`, End: true },
      input: {},
      mock: { result: 1 },
    }),
  ),
  'POST /v1/subscriptions': at(
    () => '/v1/subscriptions',
    ({ name }) => ({ name: `of-${name}`, workflows: [name], destination: { topic: 'beta' } }),
  ),
  'GET /v1/subscriptions': own('/v1/subscriptions'),
  'GET /v1/subscriptions/{name}': at(({ name }) => `/v1/subscriptions/${name}`),
  'PUT /v1/subscriptions/{name}': at(
    ({ name }) => `/v1/subscriptions/${name}`,
    () => ({ destination: { topic: 'beta' } }),
  ),
  'DELETE /v1/subscriptions/{name}': at(({ name }) => `/v1/subscriptions/${name}`),
  'POST /v1/topics/{topic}/messages': at(
    ({ name }) => `/v1/topics/${name}/messages`,
    () => ({ messages: [{ value: 'by another' }] }),
  ),
  'POST /v1/triggers': at(
    () => '/v1/triggers',
    (things) => newTrigger(things),
  ),
  'GET /v1/triggers': own('/v1/triggers'),
  'GET /v1/triggers/{name}': at(({ name }) => `/v1/triggers/${name}`),
  'PUT /v1/triggers/{name}': at(
    ({ name }) => `/v1/triggers/${name}`,
    (things) => ({ ...newTrigger(things), name: undefined }),
  ),
  'DELETE /v1/triggers/{name}': at(({ name }) => `/v1/triggers/${name}`),
  'POST /v1/triggers/{name}/pause': at(({ name }) => `/v1/triggers/${name}/pause`),
  'POST /v1/triggers/{name}/resume': at(({ name }) => `/v1/triggers/${name}/resume`),
  'GET /v1/usage': at(({ name }) => `/v1/usage?function=${name}`),
  'POST /v1/workflows': at(
    () => '/v1/workflows',
    ({ name }) => ({ name: `of-${name}`, definition: flow({ Type: 'Task', Resource: `function:${name}` }) }),
  ),
  'GET /v1/workflows': own('/v1/workflows'),
  'POST /v1/workflows/validate': at(
    () => '/v1/workflows/validate',
    ({ name }) => ({ definition: flow({ Type: 'Task', Resource: `function:${name}` }) }),
  ),
  'GET /v1/workflows/{name}': at(({ name }) => `/v1/workflows/${name}`),
  'PUT /v1/workflows/{name}': 'shared',
  'DELETE /v1/workflows/{name}': at(({ name }) => `/v1/workflows/${name}`),
  'GET /v1/workflows/{name}/versions/{version}': at(({ name }) => `/v1/workflows/${name}/versions/1`),
  'GET /v1/workflows/{name}/versions': at(({ name }) => `/v1/workflows/${name}/versions`),
};
