const definition = { StartAt: 'S', States: { S: { Type: 'Pass', End: true } } };
const mapping = {
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'T', States: { T: { Type: 'Task', Resource: 'function:f', End: true } } },
      MaxConcurrency: 2,
      End: true,
    },
  },
};
const event = {
  specversion: '1.0',
  id: '1',
  source: '/films',
  type: 'film.made',
  time: '2026-01-01T00:00:00Z',
  data: { n: 1 },
};
const trigger = {
  name: 't',
  kind: 'object',
  source: { bucket: 'films', keys: ['*.mp4'] },
  target: { workflow: 'w' },
  pattern: { data: { size: [{ numeric: ['>', 1] }, { prefix: 'a' }, { wildcard: 'a*' }, { exists: true }] } },
  input: { key: '{% $event.data.key %}' },
  queryLanguage: 'JSONata',
};
const code = {
  name: 'f',
  runtime: 'nodejs',
  handler: 'index.handler',
  files: { 'index.js': 'exports.handler = async () => 1' },
  environment: { A: 'b' },
};
const record = {
  eventVersion: '2.1',
  eventName: 'ObjectCreated:Put',
  eventTime: '2026-01-01T00:00:00Z',
  s3: { bucket: { name: 'films' }, object: { key: 'a', size: 1, eTag: 'x', sequencer: '1' } },
};

/** Bodies that pass, where what the document says of a body is not enough to make one. */
export const BODIES: Readonly<Record<string, readonly unknown[]>> = {
  '/v1/workflows': [
    { name: 'w', definition },
    { name: 'w', definition: mapping },
  ],
  '/v1/workflows/validate': [{ definition }, { definition: mapping }],
  '/v1/workflows/test-state': [{ definition: { Type: 'Pass', Result: 1, End: true }, input: { a: 1 } }],
  '/v1/triggers': [
    trigger,
    { ...trigger, kind: 'topic', source: { topic: 'o', batch: { size: 2 } } },
    { ...trigger, kind: 'schedule', source: { cron: 'rate(1 hour)' } },
    { ...trigger, kind: 'webhook', source: { path: 'p', signature: { kind: 'none' } } },
  ],
  '/v1/triggers/{name}': [trigger],
  '/v1/triggers/test': [{ trigger, event }],
  '/v1/triggers/{name}/explain': [{ event }],
  '/v1/event-patterns/test': [{ pattern: trigger.pattern, event }],
  '/v1/events': [event, [event, { ...event, id: '2' }]],
  '/v1/functions': [code, { name: 'c', runtime: 'command', command: ['echo', '{{x}}'] }],
  '/v1/schedules/preview': [
    { source: { cron: '0 0 * * *', timezone: 'Europe/Berlin' }, after: '2026-01-01T00:00:00Z' },
  ],
  '/v1/topics/{topic}/messages': [{ messages: [{ key: 'k', value: { n: 1 }, headers: { h: 'x' } }] }],
  '/v1/activities/{name}/tasks': [{ workerName: 'x', maxTasks: 1, waitSeconds: 0 }],
  '/v1/hooks/s3': [{ Records: [record] }],
};
