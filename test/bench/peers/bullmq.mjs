// BullMQ flows on Redis with the append-only file, synced every second (BullMQ's own advice): a parent of a parent.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, payload, withEnd } from './measure.mjs';
import { freePorts } from './ports.mjs';

const require = createRequire(join(process.env.PEERS_DIR, 'package.json'));
const { FlowProducer, Worker } = require('bullmq');
const dir = mkdtempSync(join(tmpdir(), 'spool-bench-redis-'));
const [port] = await freePorts(1);
const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', dir];
const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', ...durable], { stdio: 'ignore' });
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };

const done = new Map();
const work = async ({ name, data }) => {
  if (name === 'C' || name === 'join') done.get(data.key)?.();
  return payload();
};
const worker = new Worker('steps', work, { connection, concurrency: 50 });
await worker.waitUntilReady();
const flows = new FlowProducer({ connection });
let started = 0;

const run = async (flowOf) => {
  const key = ++started;
  const ended = new Promise((resolve) => done.set(key, resolve));
  await flows.add(flowOf(key));
  await ended;
  done.delete(key);
};
const step = (name, data, children) => ({ name, queueName: 'steps', data, children, opts });
const runOne = () =>
  run((key) => {
    const data = { ...payload(), key };
    return step('C', data, [step('B', data, [step('A', data)])]);
  });
const fanOut = (parts) =>
  run((key) => {
    const children = Array.from({ length: parts }, (_, n) => step('part', { n }));
    return step('join', { key }, children);
  });
const opts = { removeOnComplete: true };
const end = async () => {
  await worker.close();
  redis.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
};
await withEnd(() => measure({ runOne, fanOut }, redis.pid), end);
