import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.js';
import { startTestExecutor, type TestExecutor } from '../support/executor.js';
import { eventually } from '../support/standalone.js';

let gateway: TestGateway;
let executor: TestExecutor;
beforeAll(async () => {
  gateway = await startTestGateway();
  executor = await startTestExecutor(gateway);
});
afterAll(async () => {
  await executor?.stop();
  await gateway?.close();
});

/** Answers when so many are in hand in its process, or after a while. */
const CODE = `
const id = crypto.randomUUID();
const waiting = [];
export const handler = async ({ of, name, ms }) => {
  console.log('here', name);
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
  if (ms) return { id, name };
  await new Promise((resolve) => { waiting.push(resolve); if (waiting.length >= of) for (const go of waiting.splice(0)) go(); });
  return { id, name };
};`;

const deploy = (name: string) =>
  gateway.call('POST', '/v1/functions', {
    name,
    runtime: 'nodejs',
    files: { 'index.mjs': CODE },
    memoryMb: 128,
    instanceConcurrency: 8,
    timeoutSeconds: 90,
  });
const invoke = (name: string, event: object, query = ''): Promise<Answer> =>
  gateway.call('POST', `/v1/functions/${name}/invocations${query}`, event);
const record = async (id: string) => (await gateway.call('GET', `/v1/invocations/${id}`)).body;
const together = (name: string, more: object = {}, query?: string) =>
  Promise.all(Array.from({ length: 8 }, (_, n) => invoke(name, { of: 8, name: `call-${n}`, ...more }, query)));

describe('a function with instanceConcurrency', () => {
  it('has more of its tasks claimed than the executor has slots, for instances that serve several', async () => {
    expect((await deploy('queued')).status).toBe(201);
    const accepted = await together('queued', { ms: 700 }, '?mode=async');
    const ends = await Promise.all(
      accepted.map(({ body: { id } }) =>
        eventually(async () => {
          const found = await record(id);
          return found.status === 'SUCCEEDED' && found;
        }),
      ),
    );
    expect(new Set(ends.map(({ output }) => output.id)).size).toBeLessThanOrEqual(2);
    // Where only two run at a time, each in its own instance, nobody shares.
    expect(ends.map(({ usage }) => usage.share ?? 1).some((share) => share > 0 && share < 1)).toBe(true);
  });

  it('serves as many calls of the fast lane at the same time, each with its own lines', async () => {
    await deploy('called');
    await eventually(async () => (await record((await invoke('called', { of: 1 })).body.id)).lane === 'fast');
    const answers = await together('called');
    expect(answers.map(({ body: { output } }) => output.name).toSorted()).toEqual(
      Array.from({ length: 8 }, (_, n) => `call-${n}`),
    );
    expect(new Set(answers.map(({ body: { output } }) => output.id)).size).toBe(1);
    const [{ body }] = answers as [Answer];
    const lines = () => gateway.call('GET', `/v1/invocations/${body.id}/logs`);
    await eventually(async () => (await lines()).body.items.length > 0);
    expect((await lines()).body.items.map(({ line }: { line: string }) => line)).toEqual([`here ${body.output.name}`]);
  });
});
