// From a topic to the committed start of a workflow, beside a consumer of the same topic that does nothing.
// SPOOL_KAFKA_BROKERS=host:port takes a Kafka that is there; without it topics are in Postgres.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from './lib/engine.mjs';
import { latency, report } from './lib/figures.mjs';

const MESSAGES = 10_000;
const ONE_BY_ONE = 200;
const KEYS = 500;
const brokers = process.env.SPOOL_KAFKA_BROKERS;
const eventBus = brokers ? { kind: 'kafka', brokers: [brokers] } : { kind: 'postgres' };
const topic = `bench-${Date.now()}`;

const engine = await startEngine({ eventBus, modulesOf: ({ TopicTriggersModule }) => [TopicTriggersModule] });
const [triggers, intake, work] = ['TriggersService', 'TopicIntakeService', 'TopicWorkService'].map(engine.get);

const message = (n) => ({ key: `key ${n % KEYS}`, value: Buffer.from(JSON.stringify({ n, text: 'x'.repeat(150) })) });

async function publishAll() {
  for (let n = 0; n < MESSAGES; n += 500)
    await engine.bus.publish(
      topic,
      Array.from({ length: 500 }, (_, i) => message(n + i)),
    );
}

/** How long a group takes to read everything, and how much of this process's CPU that needs. */
async function readAll(group, handle, isOver) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const read = { count: 0 };
  const subscription = await engine.bus.subscribe({ topic, group, from: 'earliest' }, async (messages) => {
    await handle(messages);
    read.count += messages.length;
  });
  while (!(read.count >= MESSAGES && (await isOver()))) await sleep(5);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await subscription.close();
  return { perSecond: MESSAGES / seconds, cpuMs: (user + system) / 1_000 / MESSAGES };
}

const yes = async () => true;

const makeTrigger = (name, source) =>
  triggers.create('default', {
    name,
    kind: 'topic',
    source: { topic, from: 'earliest', ...source },
    target: { workflow: 'flow' },
  });

async function oneByOne(trigger) {
  const samples = [];
  const waiting = new Map();
  const handle = async (messages) => {
    await intake.take(trigger, 0, messages);
    for (const { value } of messages) waiting.get(value.toString())?.();
  };
  const subscription = await engine.bus.subscribe({ topic, group: 'one-by-one', from: 'latest' }, handle);
  for (let n = 0; n < ONE_BY_ONE; n++) {
    const value = Buffer.from(JSON.stringify({ one: n }));
    const sent = performance.now();
    const started = new Promise((resolve) => waiting.set(value.toString(), resolve));
    await engine.bus.publish(topic, [{ key: 'one', value }]);
    await started;
    if (n >= 20) samples.push(performance.now() - sent);
  }
  await subscription.close();
  return samples;
}

const line = (name, { perSecond, cpuMs }, bare) =>
  `${name}: ${Math.round(perSecond)} a second, ${cpuMs.toFixed(3)} ms CPU each` +
  (bare ? `; ${(bare.perSecond / perSecond).toFixed(1)} times as long as the bare consumer` : '');

try {
  const definition = { StartAt: 'S', States: { S: { Type: 'Succeed' } } };
  await engine.workflows.deploy('default', { name: 'flow', definition });
  await publishAll();
  const bare = await readAll('bare', async () => {}, yes);
  const started = await makeTrigger('started', {});
  const starting = await readAll('started', (messages) => intake.take(started, 0, messages), yes);
  const batches = await makeTrigger('batches', { batch: { size: 100 }, order: 'none' });
  const isWorkedOff = async () => {
    while ((await work.runDue(50)) > 0);
    const { rows } = await engine.sql.query('select from topic_message limit 1');
    return rows.length === 0;
  };
  const batching = await readAll('batches', (messages) => intake.take(batches, 0, messages), isWorkedOff);
  const keyed = await makeTrigger('keyed', { batch: { size: 100 }, parallel: 50 });
  const keying = await readAll('keyed', (messages) => intake.take(keyed, 0, messages), isWorkedOff);
  const samples = await oneByOne(await makeTrigger('single', {}));
  report(`From a topic on ${brokers ? 'Kafka' : 'Postgres'} to committed starts, ${MESSAGES} messages`, [
    line('a consumer that does nothing', bare),
    line('one execution a message', starting, bare),
    line('one execution for 100 messages, worked off', batching, bare),
    line(`the same in the order of ${KEYS} keys`, keying, bare),
    `one message at a time, from before it is published: ${latency(samples)}`,
  ]);
} finally {
  await engine.close();
}
