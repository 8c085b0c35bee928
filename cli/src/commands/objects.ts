import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { UsageError } from '../connection.js';
import { count } from '../given.js';
import { ago } from '../output.js';
import { type Session, withSession } from '../session.js';
import { addLedger } from './ledger.js';

interface Place {
  readonly bucket: string;
  readonly key: string;
}
interface Listed {
  readonly key: string;
  readonly size: number;
  readonly lastModified?: string;
}

export function addObjects(program: Command): void {
  const buckets = program.command('buckets').description('where objects are');
  buckets.command('list').action(
    withSession(async ({ api, out }) => {
      const { items } = await api.get<{ items: { name: string }[] }>('buckets');
      out.table(items, { NAME: ({ name }) => name });
    }),
  );
  buckets
    .command('create <name>')
    .action(withSession(async ({ api }, name: string) => api.ask('POST', 'buckets', { body: { name } })));
  addLedger(buckets);
  const objects = program.command('objects').alias('o').description('what functions read and made');
  objects
    .command('list <address>')
    .description('s3://BUCKET, or s3://BUCKET/PREFIX')
    .option('-n, --limit <count>', 'how many', count, 100)
    .action(
      withSession(async ({ api, out }, address: string, { limit }: { limit: number }) => {
        const { bucket, key: prefix } = placeOf(address);
        out.table(await api.list<Listed>('objects', { bucket, prefix: prefix || undefined, limit }), {
          KEY: ({ key }) => key,
          BYTES: ({ size }) => size,
          MODIFIED: ({ lastModified }) => ago(lastModified),
        });
      }),
    );
  objects
    .command('get <address> [file]')
    .description('download s3://BUCKET/KEY; - writes to the standard output')
    .action(withSession(download));
}

async function download({ api }: Session, address: string, file?: string): Promise<void> {
  const place = placeOf(address);
  if (!place.key) throw new UsageError(`${address} names no object: it must be s3://BUCKET/KEY`);
  const { url } = await api.get<{ url: string }>('objects/url', { ...place });
  const { ok, status, body } = await fetch(url);
  if (!ok || !body) throw new UsageError(`The store answers ${status} for ${address}`);
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  if (file === '-') return pipeline(source, process.stdout, { end: false });
  const target = file ?? basename(place.key);
  const partial = `${target}.partial`;
  try {
    await pipeline(source, createWriteStream(partial));
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

function placeOf(address: string): Place {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(address) ?? [];
  if (!bucket) throw new UsageError(`${address} is not an address: it must be s3://BUCKET/KEY`);
  return { bucket, key };
}
