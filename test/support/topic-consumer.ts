import { sql } from '@app/common';
import { DeadLettersService, TopicIntakeService, type TopicTrigger, TopicWorkService } from '@app/engine';
import type { Message } from '@app/event-bus';
import type { Task } from '@app/queue';
import type { TestEngine } from './engine.js';

interface Batch {
  readonly data: { readonly messages: readonly { id: string; value: unknown; key: string | null }[] };
}

/** The list that a function was called with. */
export const messagesOf = (call: { payload: unknown } | undefined) =>
  (call?.payload as Batch | undefined)?.data.messages ?? [];
export const valuesOf = (call: { payload: unknown } | undefined) => messagesOf(call).map(({ value }) => value);

const FILES = { 'index.mjs': 'export const handler = () => 1' };
const CONFIG = { name: 'consume', runtime: 'nodejs', handler: 'index.handler', files: FILES };

/** A topic trigger, and a test that is its topic, its router and the executor of what it starts. */
export async function topicConsumer(engine: TestEngine) {
  const intake = engine.app.get(TopicIntakeService, { strict: false });
  const work = engine.app.get(TopicWorkService, { strict: false });
  const letters = engine.app.get(DeadLettersService, { strict: false });
  await engine.functions.deploy('default', CONFIG as never);
  let [made, offset] = [0, 0];
  let trigger: TopicTrigger;
  const runOnce = async () => {
    while ((await work.runDue(100)) > 0);
  };
  return {
    work,
    get trigger() {
      return trigger;
    },
    create: async (source: object, rest: object = {}) => {
      const name = `batches-${++made}`;
      const wanted = {
        name,
        kind: 'topic',
        source: { topic: name, ...source },
        target: { function: 'consume' },
        ...rest,
      };
      trigger = (await engine.triggers.create('default', wanted as never)) as TopicTrigger;
    },
    message: (value: string, key?: string): Message => ({
      topic: trigger.source.topic,
      partition: 0,
      offset: String(++offset),
      value: Buffer.from(value),
      headers: {},
      ...(key && { key }),
      publishedAt: new Date(),
    }),
    take: async (...messages: Message[]) => intake.take(trigger, 0, messages),
    /** Does what routers do, also what is tried again later. */
    run: async () => {
      await runOnce();
      await engine.database.query(sql`update topic_message set due_at = now() where batch_id is null`);
      await runOnce();
    },
    /** What the function was called with since, oldest first. */
    calls: async (): Promise<Task[]> => (await engine.claim()).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    buried: () => letters.list('default', { limit: 100, trigger: trigger.name }),
    forgetAll: async () => {
      await engine.database.query(sql`delete from topic_message`);
      await engine.database.query(sql`delete from topic_batch`);
      await engine.database.query(sql`delete from task`);
    },
  };
}
export type TopicConsumer = Awaited<ReturnType<typeof topicConsumer>>;
