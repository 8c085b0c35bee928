import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, openTab } from './chromium.js';
import { type Standalone, startStandalone } from './standalone.js';

let spool: Standalone;
let browser: Browser;
const errors: string[] = [];

/** Stands at 40 % until it is stopped, or ends at once; the same work is known afterwards. */
const code = `export const handler = async ({ stands }, context) => {
  if (!stands) return { done: true };
  await context.progress({ percent: 40, message: 'encoding', speed: 2.5, etaSeconds: 77 });
  await new Promise((resolve) => setTimeout(resolve, 600_000));
};`;

beforeAll(async () => {
  spool = await startStandalone();
  const files = { 'index.mjs': code };
  const encode = { name: 'encode', runtime: 'nodejs', handler: 'index.handler', files, cache: {} };
  await spool.call('POST', '/v1/functions', encode);
  const States = { Encode: { Type: 'Task', Resource: 'function:encode', End: true } };
  await spool.call('POST', '/v1/workflows', { name: 'film', definition: { StartAt: 'Encode', States } });
  browser = await launchChromium();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await spool?.stop();
});

async function start(input: object): Promise<string> {
  return (await spool.call<{ id: string }>('POST', '/v1/workflows/film/executions', { input })).id;
}

async function open(id: string): Promise<Page> {
  const { consoleUrl, apiKey } = spool.access;
  const page = await openTab(browser, `${consoleUrl}executions/${id}#key=${apiKey}`, errors);
  page.setDefaultTimeout(90_000);
  return page;
}

describe('an execution whose function tells how far it is', () => {
  it('shows bars of the task and of the whole, with speed and the time that is left, for as long as it runs', async () => {
    const id = await start({ stands: true });
    const page = await open(id);
    const task = page.getByRole('progressbar', { name: 'encoding, 2.5 times as fast as it plays, about 77 s left' });
    await task.waitFor();
    expect(await task.getAttribute('aria-valuenow')).toBe('40');
    const whole = page.getByRole('progressbar', { name: /^0 of 1 known tasks done, about \d+ s left$/ });
    await whole.waitFor();
    expect(await whole.getAttribute('aria-valuenow')).toBe('40');
    await spool.call('POST', `/v1/executions/${id}/stop`, {});
    await page.getByText('Stopped', { exact: true }).first().waitFor();
    expect(await page.getByRole('progressbar').count()).toBe(0);
    await page.context().close();
  }, 200_000);

  it('says of one that was spared whose result it has, and leads there', async () => {
    const first = await start({ stands: false });
    const page = await open(first);
    await page.getByRole('button', { name: /^Encode, Task: Succeeded/ }).waitFor();
    const second = await start({ stands: false });
    const spared = await open(second);
    const card = spared.getByRole('article', { name: 'Invocation of encode' });
    await card.getByText(/served from the cache of an earlier run, saved [\d.]+ s of CPU/).waitFor();
    await card.getByRole('link', { name: 'an earlier run' }).click();
    await spared.waitForURL(`**/executions/${first}`);
    expect(errors).toEqual([]);
  }, 200_000);
});
