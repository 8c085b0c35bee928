// A distributed Map whose children do nothing: what one item costs as an execution of its own, begun, run, recorded,
// counted and collected, all of it durable. The cost should be the same for few and for many items. The items come from
// a file in the object store and the results go into files there, so that the memory should be the same, too.
// MAP_RUN_ITEMS=100,1000 runs other sizes.
import { readFileSync } from 'node:fs';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const SIZES = (process.env.MAP_RUN_ITEMS ?? '100,1000,10000').split(',').map(Number);

const dataDir = freshDataDir();
const spool = await startSpool(dataDir);
const { api } = spool;
await spool.s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
const map = {
  Type: 'Map',
  End: true,
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSONL' },
    Parameters: { Bucket: 'bench', 'Key.$': '$.key' },
  },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Nothing',
    States: { Nothing: { Type: 'Pass', End: true } },
  },
  ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'bench', Prefix: 'results' } },
};
await api('POST', '/v1/workflows', { name: 'many', definition: { StartAt: 'Many', States: { Many: map } } });
await run(100); // Warms up.

const lines = [];
for (const items of SIZES) {
  const seconds = await run(items);
  const perItem = ((seconds * 1_000) / items).toFixed(2);
  const memory = Math.round(memoryMb(spool.pid));
  lines.push(`${items} items: ${seconds.toFixed(2)} s, ${perItem} ms an item, ${memory} MB resident`);
}
report('Distributed Map, an execution for each item', lines);
await spool.stop();
remove(dataDir);

async function run(items) {
  const Key = `${items}.jsonl`;
  const Body = Array.from({ length: items }, (_, n) => `{"n":${n},"name":"item-${n}"}\n`).join('');
  await spool.s3.send(new PutObjectCommand({ Bucket: 'bench', Key, Body }));
  const started = performance.now();
  const { id } = await api('POST', '/v1/workflows/many/executions', { input: { key: Key } });
  for (;;) {
    const { status } = await api('GET', `/v1/executions/${id}?wait=60`);
    if (status === 'SUCCEEDED') return (performance.now() - started) / 1_000;
    if (status !== 'RUNNING') throw new Error(`${id} ended as ${status}`);
  }
}

/** Of the process with gateway, router and S3 server; Linux only. */
function memoryMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}
