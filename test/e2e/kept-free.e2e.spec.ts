import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { startTestExecutor, type TestExecutor } from '../support/executor.js';
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.js';
import { eventually } from '../support/standalone.js';

let gateway: TestGateway;
let executor: TestExecutor;
beforeAll(async () => {
  gateway = await startTestGateway();
  executor = await startTestExecutor(gateway, { SPOOL_EXECUTOR_MEMORY_MB: '512' });
});
afterAll(async () => {
  await executor?.stop();
  await gateway?.close();
});

const code = 'export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 50)); };';
const call = (): Promise<Answer> => gateway.call('POST', '/v1/functions/small/invocations', {});
const show = async (id: string) => (await gateway.call('GET', `/v1/invocations/${id}`)).body;

it('calls of the fast lane without end leave an executor to the task that it is being kept free for', async () => {
  const files = { 'index.mjs': code };
  const room = { memoryMb: 256, vcpu: 0.5 };
  await gateway.call('POST', '/v1/functions', { name: 'small', runtime: 'nodejs', files, ...room });
  await gateway.call('POST', '/v1/functions', { name: 'whole', runtime: 'command', command: ['true'], memoryMb: 512 });
  await eventually(async () => (await show((await call()).body.id)).lane === 'fast');

  const over = new AbortController();
  const answers: string[] = [];
  const caller = async (): Promise<void> => {
    while (!over.signal.aborted) answers.push((await call()).body.status);
  };
  const callers = [caller(), caller(), caller()];
  try {
    await eventually(async () => answers.length > 6);
    const whole = (await gateway.call('POST', '/v1/functions/whole/invocations?mode=async', {})).body.id;
    await gateway.database.query(sql`update executor set reserved_for = ${whole}, reserved_at = now()`);
    await eventually(async () => (await show(whole)).status === 'SUCCEEDED');
    // Who called meanwhile is served after it.
    const before = answers.length;
    await eventually(async () => answers.length > before + 6);
  } finally {
    over.abort();
    await Promise.all(callers);
  }
  expect(new Set(answers)).toEqual(new Set(['SUCCEEDED']));
});
