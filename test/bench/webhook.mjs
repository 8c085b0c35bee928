// From a webhook, a CloudEvent and a store's notification to the committed start of a workflow: requests at a time and one by one.
import { latency, report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const REQUESTS = 400;
const AT_A_TIME = 8;
const dataDir = freshDataDir();
const { api, stop } = await startSpool(dataDir);
try {
  await api('POST', '/v1/workflows', {
    name: 'flow',
    definition: { StartAt: 'S', States: { S: { Type: 'Succeed' } } },
  });
  const target = { workflow: 'flow' };
  const none = { kind: 'none' };
  await api('POST', '/v1/triggers', {
    name: 'hook',
    kind: 'webhook',
    source: { path: 'hook', signature: none },
    target,
  });
  await api('POST', '/v1/triggers', { name: 'event', kind: 'event', source: { types: ['bench'] }, target });
  await api('POST', '/v1/triggers', { name: 'object', kind: 'object', source: { bucket: 'bench' }, target });
  const kinds = {
    webhook: (n) => api('POST', '/hooks/default/hook', { n }),
    CloudEvent: (n) =>
      api('POST', '/v1/events', { specversion: '1.0', id: `${n}`, source: '/bench', type: 'bench', data: { n } }),
    'notification of a store': (n) =>
      api('POST', '/v1/hooks/s3', {
        Records: [
          {
            eventName: 'ObjectCreated:Put',
            eventTime: new Date().toISOString(),
            s3: { bucket: { name: 'bench' }, object: { key: `k${n}`, eTag: 'e', sequencer: `${n}` } },
          },
        ],
      }),
  };
  const lines = [];
  for (const [name, send] of Object.entries(kinds)) {
    for (let n = 0; n < 50; n++) await send(-n - 1);
    const samples = [];
    const started = performance.now();
    let next = 0;
    const sender = async () => {
      while (next < REQUESTS) {
        const n = next++;
        const sent = performance.now();
        await send(n);
        samples.push(performance.now() - sent);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, sender));
    const perSecond = Math.round(REQUESTS / ((performance.now() - started) / 1_000));
    lines.push(`${name}: ${perSecond} a second, ${latency(samples)}`);
  }
  report(`From a request to the committed start of a workflow, ${AT_A_TIME} at a time`, lines);
} finally {
  await stop();
  remove(dataDir);
}
