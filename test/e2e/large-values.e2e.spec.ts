import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, Standalone } from '../support/standalone.js';

interface Execution {
  id: string;
  status: string;
  input?: unknown;
  output?: Record<string, unknown>;
  error?: string;
  outputDetails?: object;
}
interface Detail {
  truncated: boolean;
  bytes: number;
  href: string;
}

const TEXT = 'ä'.repeat(10_000);
/** 5 MB and more. */
const input = { films: Array.from({ length: 260 }, (_, n) => ({ n, text: TEXT })), wanted: 7 };

let spool: Standalone;
beforeAll(async () => {
  spool = await Standalone.start();
  const grow = 'exports.handler = async (event) => ({ ...event, grown: true });';
  const one = 'exports.handler = async ({ n, text }) => ({ n, length: text.length });';
  await deploy('grow', grow);
  await deploy('one', one);
});
afterAll(() => spool?.remove());

const deploy = (name: string, code: string) =>
  spool.api('POST', '/v1/functions', {
    name,
    runtime: 'nodejs',
    handler: 'index.handler',
    files: { 'index.js': code },
  });

async function run(name: string, definition: object): Promise<Execution> {
  await spool.api('POST', '/v1/workflows', { name, definition });
  const { id } = await spool.api<Execution>('POST', `/v1/workflows/${name}/executions`, { input });
  return ended(id);
}
/** One that has ended meanwhile is told of in the refusal. */
async function startOf(workflow: string, name: string): Promise<string> {
  try {
    return (await spool.api<Execution>('POST', `/v1/workflows/${workflow}/executions`, { name, input })).id;
  } catch (error) {
    return /"id":"([^"]+)"/.exec(String(error))?.[1] ?? String(error);
  }
}
const ended = (id: string) =>
  eventually(async () => {
    const execution = await spool.api<Execution>('GET', `/v1/executions/${id}?wait=5`);
    return execution.status !== 'RUNNING' && execution;
  });
async function read(href: string): Promise<unknown> {
  const { apiUrl, apiKey } = spool.access;
  return (await fetch(apiUrl + href, { headers: { authorization: `Bearer ${apiKey}` } })).json();
}

const flow = {
  StartAt: 'Grow',
  States: {
    Grow: { Type: 'Task', Resource: 'function:grow', Next: 'Is it?' },
    'Is it?': { Type: 'Choice', Choices: [{ Variable: '$.grown', BooleanEquals: true, Next: 'Both' }] },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Same', States: { Same: { Type: 'Pass', End: true } } },
        {
          StartAt: 'Each',
          States: {
            Each: {
              Type: 'Map',
              ItemsPath: '$.films[0:20]',
              ItemProcessor: {
                StartAt: 'One',
                States: { One: { Type: 'Task', Resource: 'function:one', End: true } },
              },
              End: true,
            },
          },
        },
      ],
      ResultSelector: { 'same.$': '$[0]', 'each.$': '$[1]' },
      End: true,
    },
  },
};

it('carries 5 MB through functions, a Choice, a Parallel and a Map, and shows where they are', async () => {
  const { id, status, output } = await run('large', flow);
  expect(status).toBe('SUCCEEDED');
  expect(output).toEqual({
    same: { ...input, grown: true },
    each: Array.from({ length: 20 }, (_, n) => ({ n, length: TEXT.length })),
  });
  const answer = await spool.api<{ items: { type: string; details: Record<string, unknown> }[] }>(
    'GET',
    `/v1/executions/${id}/history`,
  );
  expect(JSON.stringify(answer).length).toBeLessThan(2_000_000);
  const succeeded = answer.items.find(({ type }) => type === 'TaskSucceeded');
  const { truncated, href, bytes } = succeeded!.details['outputDetails'] as Detail;
  expect([truncated, bytes > 5_000_000]).toEqual([true, true]);
  expect(await read(href)).toEqual({ ...input, grown: true });
  const bare = await spool.api<Execution>('GET', `/v1/executions/${id}?includedData=NO_LARGE_DATA`);
  expect(bare).toMatchObject({ outputDetails: { truncated: true, href: `/v1/executions/${id}/output` } });
  expect(bare).not.toHaveProperty('input');
  expect(await read(`/v1/executions/${id}/input`)).toEqual(input);
});

it('goes on after kill -9 in the middle, with the same values', async () => {
  await spool.api('POST', '/v1/workflows', { name: 'killed', definition: flow });
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const begun = spool.api<Execution>('POST', '/v1/workflows/killed/executions', { name: `run-${n}`, input });
    // Whether it was stored before the kill or not, the same start afterwards gives one execution.
    await begun.catch(() => undefined);
    await spool.kill();
    await spool.start();
    ids.push(await startOf('killed', `run-${n}`));
  }
  for (const id of ids) expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED', output: { same: { wanted: 7 } } });
});

it('is the event and the result of a function that is called directly', async () => {
  const { status, output } = await spool.api<Execution>('POST', '/v1/functions/grow/invocations', input);
  expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { ...input, grown: true } });
});
