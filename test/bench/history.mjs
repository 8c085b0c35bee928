// One execution that goes round a loop until its history has a million events: what an event costs at the beginning and
// at the end, and what a page of the history costs to read wherever it lies. HISTORY_EVENTS runs another number.
import { latency, report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const EVENTS = Number(process.env.HISTORY_EVENTS ?? 1_000_000);
const EVENTS_A_ROUND = 4;
const PAGE = 1_000;

const dataDir = freshDataDir();
const spool = await startSpool(dataDir);
const { api } = spool;
const States = {
  Count: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)', 'of.$': '$.of' }, Next: 'More' },
  More: {
    Type: 'Choice',
    Choices: [{ Variable: '$.n', NumericLessThanPath: '$.of', Next: 'Count' }],
    Default: 'Done',
  },
  Done: { Type: 'Succeed' },
};
await api('POST', '/v1/workflows', { name: 'loop', definition: { StartAt: 'Count', States } });
const small = await run(2_000);
const whole = await run(Math.round(EVENTS / EVENTS_A_ROUND));
const lines = [
  `${small.events} events in ${small.seconds.toFixed(1)} s: ${small.perSecond} events/s`,
  `${whole.events} events in ${whole.seconds.toFixed(1)} s: ${whole.perSecond} events/s`,
];
for (const share of [0, 0.5, 0.999]) {
  const after = Math.floor(whole.events * share);
  const took = [];
  for (let n = 0; n < 20; n++) {
    const began = performance.now();
    await api('GET', `/v1/executions/${whole.id}/history?after=${after}&limit=${PAGE}`);
    took.push(performance.now() - began);
  }
  lines.push(`a page of up to ${PAGE} events behind event ${after}: ${latency(took)}`);
}
report('History of one execution', lines);
await spool.stop();
remove(dataDir);

async function run(rounds) {
  const began = performance.now();
  const { id } = await api('POST', '/v1/workflows/loop/executions', { input: { n: 0, of: rounds } });
  for (;;) {
    const { status } = await api('GET', `/v1/executions/${id}?wait=60`);
    if (status === 'SUCCEEDED') break;
    if (status !== 'RUNNING') throw new Error(`${id} ended as ${status}`);
  }
  const seconds = (performance.now() - began) / 1_000;
  const events = rounds * EVENTS_A_ROUND + 4;
  return { id, events, seconds, perSecond: Math.round(events / seconds) };
}
