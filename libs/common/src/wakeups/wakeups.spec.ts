import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { Wakeups } from './wakeups.js';

let test: TestDatabase;
let observer: Client;
const notes: string[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  observer = new Client({ connectionString: test.url });
  await observer.connect();
  observer.on('notification', ({ payload = '' }) => notes.push(payload));
  await observer.query('listen spool_wakeup');
});
afterAll(async () => {
  await observer.end();
  await test.drop();
});

const woken = (wakeups: Wakeups, topic: string) => wakeups.wait(topic, 90_000);

it('hints reach those who wait in this process, and are sent to nobody while there is no other', async () => {
  const hint = woken(test.wakeups, 'alone');
  test.wakeups.wake('alone');
  await hint;

  const other = new Wakeups(test.database);
  const greeting = woken(test.wakeups, 'who');
  const answer = woken(other, 'here');
  await other.onModuleInit();
  await Promise.all([greeting, answer]);

  const theirs = woken(other, 'together');
  test.wakeups.wake('together');
  await theirs;
  const ours = woken(test.wakeups, 'back');
  other.wake('back');
  await ours;
  await other.beforeApplicationShutdown();

  const topics = notes.flatMap((note) => note.split('\n').slice(1));
  expect(topics).toContain('together');
  expect(topics).not.toContain('alone');
});
