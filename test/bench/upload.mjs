// From the answer to an upload until its first function runs: notification, event, trigger, execution, claim, process.
// The measure beside it is the spawn of the same command by hand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { latency, percentile, report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const UPLOADS = 60;
const dataDir = freshDataDir();
const spool = await startSpool(dataDir);
const { api, s3 } = spool;
await api('POST', '/v1/buckets', { name: 'bench' });
// The function's result is the moment at which it ran.
await api('POST', '/v1/functions', { name: 'moment', runtime: 'command', command: ['date', '+%s%3N'] });
const now = { Type: 'Task', Resource: 'function:moment', End: true };
await api('POST', '/v1/workflows', { name: 'moment', definition: { StartAt: 'Now', States: { Now: now } } });
await api('POST', '/v1/triggers', {
  name: 'uploads',
  kind: 'object',
  source: { bucket: 'bench' },
  target: { workflow: 'moment' },
});

const toRunning = [];
const bare = [];
for (let n = 0; n < UPLOADS; n++) {
  const key = `file-${n}`;
  await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: key, Body: 'x' }));
  const uploaded = Date.now();
  toRunning.push((await ranAt(key)) - uploaded);
  const spawned = performance.now();
  await once(spawn('date', ['+%s%3N']), 'exit');
  bare.push(performance.now() - spawned);
}
report('Upload to first function', [
  `from the answer to PutObject until the function ran: ${latency(toRunning)}`,
  `spawning the same command by hand: ${latency(bare)}`,
  `ratio of the medians: ${(percentile(toRunning, 0.5) / percentile(bare, 0.5)).toFixed(1)}`,
]);
await spool.stop();
remove(dataDir);

async function ranAt(key) {
  for (;;) {
    const { items } = await api('GET', '/v1/executions?limit=1&status=SUCCEEDED');
    if (items[0]) {
      const { input, output } = await api('GET', `/v1/executions/${items[0].id}`);
      if (input.data.key === key) return Number(output.stdout);
    }
  }
}
