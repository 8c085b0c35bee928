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
  if (name === 'C') done.get(data.key)?.();
  return payload();
};
const worker = new Worker('steps', work, { connection, concurrency: 50 });
await worker.waitUntilReady();
const flows = new FlowProducer({ connection });
let started = 0;

const runOne = async () => {
  const key = ++started;
  const ended = new Promise((resolve) => done.set(key, resolve));
  const step = (name, children) => ({ name, queueName: 'steps', data: { ...payload(), key }, children, opts });
  await flows.add(step('C', [step('B', [step('A')])]));
  await ended;
  done.delete(key);
};
const opts = { removeOnComplete: true };
const end = async () => {
  await worker.close();
  redis.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
};
await withEnd(() => measure(runOne, redis.pid), end);
