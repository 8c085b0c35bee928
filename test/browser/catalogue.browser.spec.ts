import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, openTab } from './chromium.js';
import { type Standalone, startStandalone } from './standalone.js';

const greeter = {
  name: 'greeter',
  runtime: 'nodejs',
  description: 'Greets who is named',
  eventSchema: { type: 'object', required: ['who'] },
  files: {
    'index.mjs':
      'export const handler = async ({ who }) => { console.log(`greeting ${who}`); return { hello: who }; };',
  },
};
const resting = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } };

let spool: Standalone;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  spool = await startStandalone();
  browser = await launchChromium();
  await spool.call('POST', '/v1/functions', greeter);
  await spool.call('POST', '/v1/workflows', { name: 'resting', definition: resting });
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

const button = (name: string) => page.getByRole('button', { name, exact: true });

describe('a function', () => {
  it('says what it is and what goes in', async () => {
    await open('functions/greeter');
    await page.getByText('Greets who is named', { exact: true }).waitFor();
    await page.getByText('Event', { exact: true }).click();
    await page.getByRole('group', { name: 'the schema of its event' }).getByText('"who"').waitFor();
  });

  it('is run with an event, and shows what it said and gave', async () => {
    await open('functions/greeter');
    await button('Run').click();
    await page.getByLabel('Event (JSON)').fill('{ "who": "Ada" }');
    await button('Run it').click();
    await page.getByRole('group', { name: 'the result' }).getByText('"Ada"').waitFor();
    await page.getByText('greeting Ada').waitFor();
    await page.getByRole('link', { name: 'greeter' }).click();
    await page.getByRole('region', { name: 'The last runs' }).getByText('Succeeded').waitFor();
  });

  it('is not run with what is no JSON', async () => {
    await open('functions/greeter');
    await button('Run').click();
    await page.getByLabel('Event (JSON)').fill('{ who }');
    await button('Run it').click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
  });
});

describe('a workflow', () => {
  it('is started with an input', async () => {
    await open('workflows/resting');
    await button('Start').click();
    await page.getByLabel('Input (JSON)').fill('{ "from": "the console" }');
    await button('Start the execution').click();
    await page.getByRole('button', { name: /^Rest, Wait: Running/ }).waitFor();
    await page.getByText('"the console"').first().waitFor();
  });
});

describe('a trigger', () => {
  const source = { bucket: 'hooked' };

  it('shows what it started, rests, and goes on', async () => {
    await spool.call('POST', '/v1/buckets', { name: 'hooked' });
    const target = { workflow: 'resting' };
    await spool.call('POST', '/v1/triggers', { name: 'arrivals', kind: 'object', source, target });
    await open('triggers');
    await page.getByRole('link', { name: 'arrivals' }).click();
    await page.getByText('It has started nothing yet.').waitFor();
    await button('Pause').click();
    await button('Resume').click();
    await button('Pause').waitFor();
    const { enabled } = await spool.call<{ enabled: boolean }>('GET', '/v1/triggers/arrivals');
    expect(enabled).toBe(true);
  });

  it('of a schedule says when it strikes next', async () => {
    const target = { workflow: 'resting' };
    const cron = { cron: '0 0 1 1 *', timezone: 'UTC' };
    await spool.call('POST', '/v1/triggers', { name: 'yearly', kind: 'schedule', source: cron, target });
    await open('triggers/yearly');
    await page.getByText('Next', { exact: true }).waitFor();
  });
});

describe('events', () => {
  it('are listed with what they started, and lead to it', async () => {
    const target = { workflow: 'resting' };
    await spool.call('POST', '/v1/triggers', {
      name: 'orders',
      kind: 'event',
      source: { types: ['shop.order'] },
      target,
    });
    const event = { specversion: '1.0', id: '1', source: '/shop', type: 'shop.order', data: { total: 42 } };
    await spool.call('POST', '/v1/events', event, 'application/cloudevents+json');
    await open('events');
    await page.getByText('shop.order', { exact: true }).click();
    await page.getByRole('group', { name: 'the event' }).getByText('42').waitFor();
    await page.getByRole('link', { name: 'orders' }).click();
    await page.getByRole('button', { name: /^Rest, Wait: Running/ }).waitFor();
  });
});
