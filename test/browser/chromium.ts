import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Access } from './standalone.js';

const clip = resolve(__dirname, '../../functions/media/examples/pedestrians.mp4');
const longestWaitMs = 20_000;

/** SPOOL_CHROMIUM names the browser. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.SPOOL_CHROMIUM ?? '/usr/bin/chromium';
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  return chromium.launch({ executablePath, args: [...args, '--disable-component-update', '--disable-sync'] });
}

/** A new tab, as one opens it with the address that has the key in it; what goes wrong on the page comes to `errors`. */
export async function openTab(browser: Browser, address: string, errors: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address);
  return page;
}

/** Playwright's own waiting would need the page to allow eval, which the console's security policy rightly does not. */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + longestWaitMs;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > deadline) throw new Error(`It did not come true: ${expression}`);
    await page.waitForTimeout(100);
  }
}

/** The clip that Spool brings along, into the bucket `uploads`. */
export async function uploadClip({ s3 }: Access, key: string): Promise<void> {
  const { accessKeyId, secretAccessKey, endpoint, region } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  const params = { Bucket: 'uploads', Key: key, Body: createReadStream(clip), ContentType: 'video/mp4' };
  await new Upload({ client, params }).done();
  client.destroy();
}
