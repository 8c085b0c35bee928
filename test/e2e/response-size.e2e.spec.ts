import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
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

/** Of the JSON text, as on AWS Lambda. */
const MOST = 6_291_556;
const CODE = {
  nodejs: { 'index.mjs': 'export const handler = ({ bytes = 2 }) => "x".repeat(bytes - 2)' },
  python: { 'index.py': 'def handler(event, context):\n  return "x" * (event.get("bytes", 2) - 2)' },
};
const invoke = async (name: string, event: object = {}, query = '') =>
  (await gateway.call('POST', `/v1/functions/${name}/invocations${query}`, event)).body;
const laneOf = async (id: string) => (await gateway.call('GET', `/v1/invocations/${id}`)).body.lane;

describe.each(['nodejs', 'python'] as const)('the result of a %s function', (runtime) => {
  beforeAll(async () => {
    await gateway.call('POST', '/v1/functions', { name: runtime, runtime, files: CODE[runtime], memoryMb: 256 });
    await eventually(async () => (await laneOf((await invoke(runtime)).id)) === 'fast');
  });

  it.each([
    ['past the queue', 'fast', ''],
    ['through the queue', 'queue', '?waitSeconds=0'],
  ])('may have 6 MB and no byte more, %s', async (_, lane, query) => {
    for (const [bytes, expected] of [
      [MOST, { status: 'SUCCEEDED' }],
      [MOST + 1, { status: 'FAILED', error: 'Function.ResponseSizeTooLarge' }],
    ] as const) {
      const ended = await eventually(async () => {
        await invoke(runtime); // So that there is a warm instance, whatever the last one came to.
        const { id } = await invoke(runtime, { bytes }, query);
        const run = await eventually(async () => {
          const { body } = await gateway.call('GET', `/v1/invocations/${id}`);
          return body.endedAt && body;
        });
        return run.lane === lane && run;
      });
      expect(ended).toMatchObject({ ...expected, lane });
    }
  });
});
