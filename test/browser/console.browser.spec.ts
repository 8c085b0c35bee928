import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, openTab, until as untilOn, uploadClip } from './chromium.js';
import { type Standalone, startStandalone } from './standalone.js';

const out = (key: string) => ({ bucket: 'results', key });
const task = (name: string, parameters: object) => ({
  StartAt: name,
  States: {
    [name]: { Type: 'Task', Resource: `function:media.${name.toLowerCase()}`, Parameters: parameters, End: true },
  },
});
const pipeline = {
  StartAt: 'Results',
  States: {
    Results: {
      Type: 'Parallel',
      Branches: [
        task('Transcode', { 'source.$': '$.source', destination: out('small.mp4'), video: { width: 160 } }),
        task('Thumbnail', { 'source.$': '$.source', destination: out('poster.jpg') }),
      ],
      End: true,
    },
  },
};
const waiting = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } };

let spool: Standalone;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  spool = await startStandalone();
  browser = await launchChromium();
  for (const name of ['uploads', 'results']) await spool.call('POST', '/v1/buckets', { name });
  await uploadClip(spool.access, 'pedestrians.mp4');
  await spool.call('POST', '/v1/workflows', { name: 'pipeline', definition: pipeline });
  await spool.call('POST', '/v1/workflows', { name: 'waiting', definition: waiting });
});
afterAll(async () => {
  await browser?.close();
  await spool?.stop();
});
afterEach(async () => {
  await page?.context().close();
  expect(errors).toEqual([]);
});

function start(workflow: string, name: string, input: object = {}): Promise<{ id: string }> {
  return spool.call('POST', `/v1/workflows/${workflow}/executions`, { name, input });
}

async function open(path = '', key: string | undefined = spool.access.apiKey): Promise<void> {
  errors = [];
  page = await openTab(browser, `${spool.access.consoleUrl}${path}${key ? `#key=${key}` : ''}`, errors);
}

const until = (expression: string) => untilOn(page, expression);
const video = "document.querySelector('.media video')";
const text = (words: string) => page.getByText(words, { exact: true }).first();
const heading = (name: string) => page.getByRole('heading', { name, exact: true });

describe('the key', () => {
  it('is taken from the address and is gone from it', async () => {
    await open();
    await heading('Executions').waitFor();
    expect(page.url()).toBe(`${spool.access.consoleUrl}executions`);
  });

  it('is asked for, tried, and kept for the tab only', async () => {
    await open('', '');
    await page.getByLabel('API key').fill('spool_wrong');
    await page.getByRole('button', { name: 'Open the console' }).click();
    await text('This key is not valid.').waitFor();
    await page.getByLabel('API key').fill(spool.access.apiKey);
    await page.getByRole('button', { name: 'Open the console' }).click();
    await heading('Executions').waitFor();
    await page.reload();
    await heading('Executions').waitFor();
    expect(await page.evaluate('Object.keys(localStorage).length')).toBe(0);
  });
});

describe('an execution', () => {
  it('appears in the list by itself and ends with media that play', async () => {
    await open('executions?workflow=pipeline');
    await heading('Nothing has run yet').or(heading('No execution matches')).waitFor();
    await start('pipeline', 'first', { source: { bucket: 'uploads', key: 'pedestrians.mp4' } });
    await page.getByRole('link', { name: 'first' }).click();
    await heading('first').waitFor();
    await page.getByRole('button', { name: /^Results, Parallel: Succeeded/ }).waitFor({ timeout: 60_000 });

    await until("document.querySelectorAll('.media video').length === 2");
    await until("[...document.querySelectorAll('.media video')].every((video) => video.readyState > 0)");
    await page.locator('.media img').scrollIntoViewIfNeeded();
    await until("document.querySelector('.media img').naturalWidth > 0");
    await page.evaluate(`(() => { ${video}.muted = true; return ${video}.play(); })()`);
    await until(`${video}.currentTime > 0.3`);
    expect(await page.evaluate(`${video}.videoWidth`)).toBe(160);
  });

  it('shows of a state what went in, what came out and what ran for it', async () => {
    await open('executions?workflow=pipeline');
    await page.getByRole('link', { name: 'first' }).click();
    await page.getByRole('button', { name: /^Thumbnail, Task: Succeeded/ }).click();
    await heading('Thumbnail').waitFor();
    const invocation = page.getByRole('article', { name: 'Invocation of media.thumbnail' });
    await invocation.getByText('Succeeded').waitFor();
    await page.getByRole('group', { name: 'the output of Thumbnail' }).getByText('"poster.jpg"').waitFor();
  });

  it('is stopped after a question', async () => {
    const { id } = await start('waiting', 'long');
    await open(`executions/${id}`);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Stop the execution' }).click();
    await page.getByRole('button', { name: /^Rest, Wait: Stopped/ }).waitFor();
    const { status } = await spool.call<{ status: string }>('GET', `/v1/executions/${id}`);
    expect(status).toBe('ABORTED');
  });

  it('is redriven, and run again from a state with another input', async () => {
    const { id } = await start('waiting', 'goes-on');
    await spool.call('POST', `/v1/executions/${id}/stop`, { error: 'Enough', cause: 'for now' });
    await open(`executions/${id}`);
    await page.getByRole('button', { name: 'Redrive', exact: true }).click();
    await page.getByRole('button', { name: /^Rest, Wait: Running/ }).waitFor();
    await spool.call('POST', `/v1/executions/${id}/stop`);
    await page.getByRole('button', { name: 'Rerun', exact: true }).click();
    await page.getByLabel('From state').selectOption('Rest');
    await page.getByRole('textbox', { name: /^Input/ }).fill('{"edited": true}');
    await page.getByRole('button', { name: 'Start the execution' }).click();
    await page.getByRole('link', { name: 'another execution' }).waitFor();
    await page.getByRole('button', { name: /^Rest, Wait: Running/ }).waitFor();
  });

  it('shows its map runs with a list of their executions', async () => {
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Nothing',
      States: { Nothing: { Type: 'Pass', End: true } },
    };
    const definition = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor, End: true } } };
    await spool.call('POST', '/v1/workflows', { name: 'each', definition });
    const { id } = await spool.call<{ id: string }>('POST', '/v1/workflows/each/executions', { input: [1, 2, 3] });
    await open(`executions/${id}`);
    await page.getByRole('button', { name: /^Each, Map: Succeeded/ }).waitFor();
    await page.getByRole('region', { name: 'Map runs' }).getByRole('link', { name: 'List' }).click();
    await until("document.querySelectorAll('table.executions tbody tr').length === 3");
  });

  it('is followed live: what happens elsewhere shows at once', async () => {
    const { id } = await start('waiting', 'followed');
    await open(`executions/${id}`);
    await text('Live').waitFor();
    await page.getByRole('button', { name: /^Rest, Wait: Running/ }).waitFor();
    await spool.call('POST', `/v1/executions/${id}/stop`, { error: 'Elsewhere', cause: 'stopped through the API' });
    await page.getByRole('button', { name: /^Rest, Wait: Stopped/ }).waitFor();
    await text('stopped through the API').waitFor();
  });

  it('that does not exist is said not to', async () => {
    await open('executions/00000000-0000-7000-8000-000000000000');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('404');
  });
});

describe('a workflow', () => {
  it('shows its versions and the aliases that lead to them', async () => {
    const routes = [{ version: 1, weight: 100 }];
    await spool.call('PUT', '/v1/workflows/waiting/aliases/live', { routes });
    await open('workflows/waiting');
    await page.getByRole('region', { name: 'Versions' }).getByText('live').waitFor();
  });
});

describe('a topic trigger', () => {
  it('shows how far it has read', async () => {
    const source = { topic: 'shown', from: 'earliest' };
    await spool.call('POST', '/v1/topics/shown/messages', { messages: [{ value: 1 }, { value: 2 }] });
    const target = { workflow: 'waiting' };
    await spool.call('POST', '/v1/triggers', { name: 'reader', kind: 'topic', source, target, enabled: false });
    await open('triggers');
    await page.getByText('2 to read').waitFor();
    await spool.call('POST', '/v1/triggers/reader/resume');
    await page.getByText('all read').waitFor();
  });
});

describe('a dead letter', () => {
  it('comes by itself, says why, is replayed, and is thrown away after a question', async () => {
    await open('dead-letters');
    await heading('No dead letter').waitFor();
    const files = { 'index.mjs': "export const handler = () => { throw new RangeError('too long') }" };
    await spool.call('POST', '/v1/functions', { name: 'fails', runtime: 'nodejs', files });
    await spool.call('PUT', '/v1/functions/fails/event-invoke-config', { maximumRetryAttempts: 0 });
    await spool.call('POST', '/v1/functions/fails/invocations?mode=async', { film: 'a.mov' });
    await page.getByRole('link', { name: 'invocation of fails' }).click({ timeout: 60_000 });
    await heading('invocation of fails').waitFor();
    await text('RangeError').waitFor();
    await page.getByRole('group', { name: 'the dead letter' }).getByText('"a.mov"').waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('Replayed: a function was started').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    const { pathname } = new URL(page.url());
    await page.getByRole('button', { name: 'Throw it away' }).click();
    await heading('Dead letters').waitFor();
    await until(`!document.querySelector('a[href="${pathname}"]')`);
    const id = pathname.split('/').at(-1);
    const { items } = await spool.call<{ items: { id: string }[] }>('GET', '/v1/dead-letters');
    expect(items.map((letter) => letter.id)).not.toContain(id);
  });
});

describe('the quota', () => {
  it('is set, shown beside what is in use, and removed', async () => {
    await open('quotas');
    await page.getByLabel('May run').fill('3');
    await page.getByRole('button', { name: 'Save the limits' }).click();
    await page.getByRole('meter', { name: 'Tasks that run' }).waitFor();
    expect(await spool.call('GET', '/v1/quotas')).toMatchObject({ maxRunning: 3 });
    await page.getByRole('button', { name: 'Remove the limits' }).click();
    await page.getByText('as many as there is room for').nth(1).waitFor();
    expect(await spool.call('GET', '/v1/quotas')).not.toHaveProperty('maxRunning');
  });
});

describe('an executor', () => {
  it('shows what is taken, what has worked, what it has in hand and how far that is', async () => {
    const config = { runtime: 'command', command: ['sleep', '600'], memoryMb: 64, vcpu: 0.1, timeoutSeconds: 900 };
    await spool.call('POST', '/v1/functions', { name: 'lasting', ...config });
    const { id } = await spool.call<{ id: string }>('POST', '/v1/functions/lasting/invocations?mode=async', {});
    await open('executors');
    await page.locator('table a').first().click();
    await page.getByRole('meter', { name: 'Memory' }).waitFor();
    await page.getByRole('meter', { name: /^Inputs kept/ }).waitFor();
    await heading('Codecs that have worked here').waitFor();
    await page.getByRole('region', { name: 'Tasks in hand' }).getByRole('link', { name: id }).waitFor();
    await page.getByRole('region', { name: 'Tasks in hand' }).getByRole('progressbar').waitFor();
    await spool.call('POST', `/v1/invocations/${id}/cancel`);
  });

  it('is asked before it is drained', async () => {
    await open('executors');
    await page.locator('table a').first().click();
    await page.getByRole('button', { name: 'Drain', exact: true }).click();
    await page.getByRole('button', { name: 'Let it work' }).click();
    await page.getByText('active', { exact: true }).waitFor();
  });
});

describe('every list', () => {
  it.each([
    'Workflows',
    'Functions',
    'Triggers',
    'Dead letters',
    'Buckets',
    'Executors',
    'Instances',
    'Usage',
    'Quotas',
  ])('opens: %s', async (title) => {
    await open('executions');
    await page.getByRole('link', { name: title }).click();
    await heading(title).waitFor();
    await page.locator('table, .empty, .card').first().waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
