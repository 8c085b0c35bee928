// From `node main.js` to ready: on an empty data folder, and on one that was used before. The measure beside it is
// what Node alone needs to run an empty program.
import { spawnSync } from 'node:child_process';
import { ms, percentile, report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const first = [];
const again = [];
const bare = [];
for (let round = 0; round < 3; round++) {
  const dataDir = freshDataDir();
  for (const samples of [first, again, again]) {
    const spool = await startSpool(dataDir);
    samples.push(spool.readyMs);
    await spool.stop();
  }
  remove(dataDir);
  const started = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  bare.push(performance.now() - started);
}
const median = (samples) => percentile(samples, 0.5);
report('Start to ready', [
  `first start (initdb, migrations, built-in functions): ${ms(median(first))}`,
  `later starts: ${ms(median(again))}`,
  `ratio of a later start to an empty Node program (${ms(median(bare))}): ${(median(again) / median(bare)).toFixed(1)}`,
]);
