import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, openTab } from './chromium.js';
import { type Standalone, startStandalone } from './standalone.js';

const price = {
  Type: 'Task',
  Resource: 'function:price',
  Parameters: { 'id.$': '$.order' },
  ResultPath: '$.priced',
  Catch: [{ ErrorEquals: ['Shop.Closed'], Next: 'Sorry' }],
  Next: 'Both',
};
const inner = { StartAt: 'Seen', States: { Seen: { Type: 'Pass', Parameters: { 'var.$': '$who' }, End: true } } };
const definition = {
  StartAt: 'Price',
  States: {
    Price: price,
    Both: { Type: 'Parallel', Branches: [inner], End: true },
    Sorry: { Type: 'Succeed' },
  },
};

let spool: Standalone;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  spool = await startStandalone();
  browser = await launchChromium();
  const files = { 'index.mjs': 'export const handler = async () => 1;' };
  await spool.call('POST', '/v1/functions', { name: 'price', runtime: 'nodejs', files });
  await spool.call('POST', '/v1/workflows', { name: 'shop', definition });
});
afterAll(async () => {
  await browser?.close();
  await spool?.stop();
});
afterEach(async () => {
  await page?.context().close();
  expect(errors).toEqual([]);
});

async function open(path: string): Promise<void> {
  errors = [];
  page = await openTab(browser, `${spool.access.consoleUrl}${path}#key=${spool.access.apiKey}`, errors);
}
const tryIt = () => page.getByRole('button', { name: 'Try it', exact: true }).click();
const outcome = () => page.getByRole('region', { name: /What comes of it/ });

describe('a state that is tried', () => {
  it('shows its data after each step, and where it leads', async () => {
    await open('workflows/shop');
    await page.getByRole('link', { name: 'Try a state', exact: true }).click();
    await page.getByLabel('Input (JSON)').fill('{ "order": 7 }');
    await page.getByLabel('What its work gives').selectOption('result');
    await page.getByLabel('The result (JSON)').fill('12345');
    await tryIt();
    await outcome().getByText('Succeeded').waitFor();
    await outcome().getByText('Both', { exact: true }).waitFor();
    await outcome().getByRole('group', { name: 'After Parameters' }).getByText('"id"').waitFor();
    await outcome().getByRole('group', { name: 'the output' }).getByText('12345').waitFor();
  });

  it('shows how an error is caught', async () => {
    await open('workflows/shop/try');
    await page.getByLabel('Input (JSON)').fill('{ "order": 7 }');
    await page.getByLabel('What its work gives').selectOption('error');
    await page.getByLabel('The error (JSON)').fill('{ "error": "Shop.Closed" }');
    await tryIt();
    await outcome().getByText('Error caught').waitFor();
    await outcome().getByText('Sorry', { exact: true }).waitFor();
  });

  it('may be one of a branch, and sees the variables that are given', async () => {
    await open('workflows/shop/try');
    await page.getByRole('combobox').first().selectOption('Seen');
    await page.getByLabel('Variables (JSON)').fill('{ "who": "Ada" }');
    await tryIt();
    await outcome().getByRole('group', { name: 'the output' }).getByText('"Ada"').waitFor();
  });

  it('is not tried with what is no JSON', async () => {
    await open('workflows/shop/try');
    await page.getByLabel('Input (JSON)').fill('{ order }');
    await tryIt();
    await page.getByRole('alert').waitFor();
  });
});
