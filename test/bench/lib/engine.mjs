// The engine by itself in this process: its services, a Postgres with full durability, and no HTTP.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { root } from './spool.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const NOBODY = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const CAPACITY = { slots: 1_000, memoryMb: 10_000_000, vcpu: 10_000 };

const modules = (engine) => [
  engine.ExecutorsModule.forRoot({ leaseSeconds: 30, heartbeatSeconds: 10 }),
  engine.ExecutionsModule,
  engine.FunctionsModule,
  engine.LedgerModule,
  engine.SchedulesModule,
  engine.WorkflowsModule,
];

/** `modulesOf` gives more of the engine's modules. */
export async function startEngine({ eventBus = { kind: 'postgres' }, modulesOf = () => [] } = {}) {
  const { EmbeddedPostgres } = await built('libs/common/src/index.js');
  const { EmbeddedS3 } = await built('libs/object-store/src/index.js');
  const engine = await built('libs/engine/src/index.js');
  const dir = mkdtempSync(join(tmpdir(), 'spool-bench-'));
  const server = await EmbeddedPostgres.start({ dir });
  const store = await EmbeddedS3.start({ dir: join(dir, 's3'), port: 0, credentials: NOBODY });
  const s3 = { endpoint: store.endpoint, publicEndpoint: store.endpoint, region: 'us-east-1' };
  const infrastructure = {
    database: { url: server.url },
    s3: { ...s3, forcePathStyle: true, ...NOBODY },
    eventBus,
  };
  class Bench {}
  const imports = [engine.InfrastructureModule.forRoot(infrastructure), ...modules(engine), ...modulesOf(engine)];
  const app = await NestFactory.createApplicationContext({ module: Bench, imports }, { logger: ['error'] });
  const get = (service) => app.get(service, { strict: false });
  const sql = new Client({ connectionString: server.url });
  await sql.connect();
  const close = async () => {
    await app.close();
    await sql.end();
    await store.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  const workers = { executors: get(engine.ExecutorsService), workers: get(engine.WorkersService) };
  return {
    functions: get(engine.FunctionsService),
    workflows: get(engine.WorkflowsService),
    executions: get(engine.ExecutionsService),
    events: get(engine.EventsService),
    schedules: get(engine.SchedulesService),
    store: get(engine.StoreNotificationsService),
    triggers: get(engine.TriggersService),
    startWorker: () => noOpWorker(workers),
    get: (name) => get(engine[name]),
    bus: app.get((await built('libs/event-bus/src/index.js')).EventBus, { strict: false }),
    startTimers: () => timerLoop(get(engine.TimersService)),
    sql,
    serverPid: Number(readFileSync(join(dir, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]),
    close,
  };
}

/** What a router does about timers. */
function timerLoop(timers) {
  const over = new AbortController();
  const loop = (async () => {
    while (!over.signal.aborted)
      if ((await timers.fireDue(100)) === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  })();
  return {
    stop: () => {
      over.abort();
      return loop;
    },
  };
}

const answer = ({ id, attempt, payload: output }) => {
  return { id, attempt, status: 'SUCCEEDED', output, outputs: [], usage: { wallMs: 0 } };
};

/** Speaks the worker API's protocol, and answers every task with its own payload. */
async function noOpWorker({ executors, workers }) {
  const registration = { name: 'nobody', labels: ['cpu'], capacity: CAPACITY, version: '0' };
  const { executorId } = await executors.register(registration);
  const over = new AbortController();
  const lane = async () => {
    let results = [];
    while (!over.signal.aborted) {
      const poll = { free: CAPACITY, running: [], results, waitMs: 2_000 };
      const { tasks } = await workers.poll(executorId, poll, over.signal);
      results = tasks.map(answer);
    }
  };
  const lanes = [lane(), lane()];
  return {
    stop: async () => {
      over.abort();
      await Promise.all(lanes);
    },
  };
}

/** Bytes of write-ahead log that `work` leads to, and about how many images of whole pages after a checkpoint are in them. */
export async function walOf(sql, work) {
  await sql.query('checkpoint');
  const before = await wal(sql);
  const result = await work();
  const after = await wal(sql);
  return { result, bytes: after.bytes - before.bytes, images: after.images - before.images };
}

async function wal(sql) {
  // Not its "wal_bytes": what is counted there comes a second late.
  const { rows } = await sql.query(`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes, wal_fpi::float8 as images from pg_stat_wal`);
  return rows[0];
}

/** Single-row commits per second on one connection: the measure of the machine and its disk at this moment. */
export async function commitsPerSecond(sql, data) {
  await sql.query('create table if not exists bench_commit (data text)');
  const began = performance.now();
  for (let n = 0; n < 2_000; n++) await sql.query('insert into bench_commit values ($1)', [data]);
  return 2_000 / ((performance.now() - began) / 1_000);
}
