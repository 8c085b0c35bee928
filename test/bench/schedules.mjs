// What 10,000 schedules cost: while none is due, and when all fire at once. Judged by processor time and statements, beside
// the same with 10, as those do not move with the machine's load.
import { startEngine } from './lib/engine.mjs';
import { report } from './lib/figures.mjs';

const LOOKS = 500;
const BATCH = 100;

const { sql, schedules, workflows, triggers, close } = await startEngine();
const lines = [];
try {
  const States = { S: { Type: 'Succeed' } };
  await workflows.deploy('default', { name: 'flow', definition: { StartAt: 'S', States } });
  for (const count of [10, 10_000]) {
    await make(count);
    const idle = await cpuOf(async () => {
      for (let look = 0; look < LOOKS; look++) {
        await schedules.fireDue(BATCH);
        await schedules.nextInMs();
      }
    });
    lines.push(`${count} schedules, none due: ${((idle.cpuMs * 1_000) / LOOKS).toFixed(0)} µs of processor a look`);
    await sql.query("update schedule set next_fire_at = now() - interval '1 second'");
    let fired = 0;
    const all = await cpuOf(async () => {
      for (let batch = BATCH; batch === BATCH; fired += batch) batch = await schedules.fireDue(BATCH);
    });
    const { rows } = await sql.query('select count(*)::int as started from execution');
    lines.push(
      `${count} schedules, all due: ${rows[0].started} executions committed in ${(all.wallMs / 1_000).toFixed(1)} s, ` +
        `${(all.cpuMs / fired).toFixed(2)} ms of processor a tick`,
    );
  }
  report('Schedules', lines);
} finally {
  await close();
}

/** So many, made by one through the service: as it makes them, and without 10,000 requests. */
async function make(count) {
  await sql.query('delete from trigger');
  await sql.query('delete from execution');
  const source = { cron: '0 3 * * *' };
  await triggers.create('default', { name: 'nightly', kind: 'schedule', source, target: { workflow: 'flow' } });
  await sql.query(
    `insert into trigger (id, namespace, name, kind, source, target)
     select gen_random_uuid(), namespace, name || n, kind, source, target from trigger, generate_series(2, $1) n`,
    [count],
  );
  await sql.query(
    `insert into schedule (trigger_id, next_fire_at)
     select id, (select max(next_fire_at) from schedule) from trigger on conflict do nothing`,
  );
  await sql.query('analyze');
}

async function cpuOf(work) {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - wall };
}
