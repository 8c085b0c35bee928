// What an event costs from its arrival to the committed start of a workflow, by counters that the machine's load does not
// move: processor time of this process, commits and bytes of the write-ahead log. Among 10 and among 10,000 triggers.
import { commitsPerSecond, startEngine, walOf } from './lib/engine.mjs';
import { latency, report } from './lib/figures.mjs';

const EVENTS = 1_000;
const AT_A_TIME = 8;

const { sql, events, store, triggers, workflows, close } = await startEngine();
const lines = [];
try {
  const target = { workflow: 'flow' };
  await workflows.deploy('default', { name: 'flow', definition: { StartAt: 'S', States: { S: { Type: 'Succeed' } } } });
  await triggers.create('default', {
    name: 'object',
    kind: 'object',
    source: { bucket: 'bench', suffix: '.mp4' },
    target,
  });
  await triggers.create('default', { name: 'event', kind: 'event', source: { types: ['bench'] }, target });
  for (const count of [10, 10_000]) {
    await crowd(count);
    await measure(`CloudEvent, ${count} triggers`, (n) =>
      events.ingest('default', {
        specversion: '1.0',
        id: `${count}-${n}`,
        source: '/bench',
        type: 'bench',
        data: { n },
        time: new Date().toISOString(),
      }),
    );
    const eventTime = new Date().toISOString();
    await measure(`notification of a store, ${count} triggers`, (n) =>
      store.take({
        eventName: 'ObjectCreated:Put',
        bucket: 'bench',
        key: `${count}/${n}.mp4`,
        size: n,
        etag: 'e',
        eventTime,
        sequencer: `${n}`,
      }),
    );
  }
  lines.push(
    `single-row commits on one connection meanwhile: ${Math.round(await commitsPerSecond(sql, 'x'))} a second`,
  );
  report(`From an event to the committed start of a workflow, ${AT_A_TIME} at a time, without HTTP`, lines);
} finally {
  await close();
}

/** Triggers of other buckets, which none of the events is for. */
async function crowd(count) {
  await sql.query(
    `insert into trigger (id, namespace, name, kind, source, target)
     select gen_random_uuid(), 'default', 'other-' || n, 'object', jsonb_build_object(
       'bucket', 'bucket-' || n, 'events', '["created"]'::jsonb, 'keys', jsonb_build_array('in/' || n || '/**/*.mp4')), $2
     from generate_series(3, $1) n on conflict do nothing`,
    [count, { workflow: 'flow' }],
  );
}

async function measure(name, send) {
  for (let n = 0; n < 50; n++) await send(-n - 1);
  const samples = [];
  let next = 0;
  const sender = async () => {
    while (next < EVENTS) {
      const [n, sent] = [next++, performance.now()];
      await send(n);
      samples.push(performance.now() - sent);
    }
  };
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  const { bytes } = await walOf(sql, () => Promise.all(Array.from({ length: AT_A_TIME }, sender)));
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round(EVENTS / ((performance.now() - started) / 1_000));
  lines.push(
    `${name}: ${((user + system) / 1_000 / EVENTS).toFixed(2)} ms of processor, ${(bytes / EVENTS / 1_024).toFixed(1)} KiB of log, ` +
      `${perSecond} a second, ${latency(samples)}`,
  );
}
