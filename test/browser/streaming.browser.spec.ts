import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, openTab, until as untilOn, uploadClip } from './chromium.js';
import { type Standalone, startStandalone } from './standalone.js';

const pipelineMs = 180_000;
const source = { bucket: 'uploads', key: 'my films/pedestrians.mp4' };
const stream = 'document.querySelector(\'video[aria-label="master.m3u8"]\')';

let spool: Standalone;
let browser: Browser;
let page: Page;
const errors: string[] = [];
const refused: string[] = [];

/** The built-in pipeline makes of the clip all that the console has to show. */
beforeAll(async () => {
  spool = await startStandalone();
  for (const name of ['uploads', 'results']) await spool.call('POST', '/v1/buckets', { name });
  await uploadClip(spool.access, source.key);
  const path = '/v1/workflows/adaptive-streaming/executions';
  const { id } = await spool.call<{ id: string }>('POST', path, { input: { source, bucket: 'results' } });
  browser = await launchChromium();
  page = await openTab(browser, `${spool.access.consoleUrl}executions/${id}#key=${spool.access.apiKey}`, errors);
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text());
  });
  await page.getByRole('button', { name: /^Done, Succeed: Succeeded/ }).waitFor({ timeout: pipelineMs - 10_000 });
}, pipelineMs);
afterAll(async () => {
  await browser?.close();
  await spool?.stop();
});

const until = (expression: string) => untilOn(page, expression);

describe('an execution that made a stream', () => {
  it('plays it out of private objects, with picture and sound, and can jump to its end', async () => {
    await until(`${stream} !== null`);
    await until(`${stream}.readyState > 2`);
    await page.evaluate(`(() => { ${stream}.muted = true; return ${stream}.play(); })()`);
    await until(`${stream}.currentTime > 1`);
    expect(await page.evaluate(`${stream}.videoWidth`)).toBeGreaterThan(0);
    expect(await page.evaluate(`${stream}.webkitDecodedFrameCount`)).toBeGreaterThan(5);
    expect(await page.evaluate(`${stream}.webkitAudioDecodedByteCount`)).toBeGreaterThan(0);
    expect(await page.evaluate(`${stream}.duration`)).toBeCloseTo(20, 0);
    await page.evaluate(`(() => { ${stream}.currentTime = 17; })()`);
    await until(`!${stream}.seeking && ${stream}.currentTime > 17.5`);
  });

  it('shows sprites as pictures and their times and the manifest as text', async () => {
    await page.getByRole('img', { name: 'sprite-001.jpg' }).scrollIntoViewIfNeeded();
    await until('document.querySelector(\'img[alt="sprite-001.jpg"]\').naturalWidth > 0');
    await page.getByRole('group', { name: 'sprites.vtt' }).getByText('#xywh=').waitFor();
    await page.getByRole('group', { name: 'manifest.mpd' }).getByText('<MPD').waitFor();
  });

  it('needs no more than the security policy allows', () => {
    expect(errors).toEqual([]);
    expect(refused).toEqual([]);
  });
});
