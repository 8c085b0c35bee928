import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Assignment, TaskResult } from '@app/worker-api';
import { TestGateway, TOKEN } from '../testing/test-gateway.js';
import { readConfig } from './config.js';
import { ExecutorModule } from './executor.module.js';

let gateway: TestGateway;
let app: INestApplicationContext;
let workDir: string;

const start = (env: Record<string, string> = {}) =>
  NestFactory.createApplicationContext(
    ExecutorModule.forRoot(
      readConfig({
        SPOOL_GATEWAY_URL: gateway.url,
        SPOOL_EXECUTOR_TOKEN: TOKEN,
        SPOOL_EXECUTOR_SLOTS: '2',
        SPOOL_WORK_DIR: workDir,
        SPOOL_GRACE_SECONDS: '0.1',
        SPOOL_DRAIN_SECONDS: '0.1',
        ...env,
      }),
    ),
    { logger: false },
  );

beforeEach(async () => {
  gateway = new TestGateway();
  await gateway.listen();
  workDir = mkdtempSync(join(tmpdir(), 'spool-executor-'));
  app = await start();
});
afterEach(async () => {
  gateway.isDown = false;
  await app.close();
  await gateway.close();
  rmSync(workDir, { recursive: true, force: true });
});

async function until<T>(find: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = find();
    if (found) return found;
    await sleep(5);
  }
}
const resultOf = ({ id }: Assignment): Promise<TaskResult> => until(() => gateway.tasks.get(id)?.result);
const command = (...argv: string[]): Assignment['function'] => ({
  name: 'c',
  version: 1,
  runtime: 'command',
  command: argv,
  environment: {},
  memoryMb: 128,
});
const shell = (script: string) => command('sh', '-c', script);
const nodejs = async (code: string): Promise<Assignment['function']> => ({
  name: 'f',
  version: 1,
  runtime: 'nodejs',
  handler: 'index.handler',
  codeDigest: await gateway.addCode({ 'index.mjs': code }),
  environment: {},
  memoryMb: 128,
});
const isRunning = (text: string) =>
  readdirSync('/proc').some((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && pid !== String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      );
    } catch {
      return false;
    }
  });
const foldersLeft = () =>
  readdirSync(join(workDir, 'tasks'), { recursive: true }).filter((name) => String(name).includes('-1/'));

describe('an executor', () => {
  it('runs a function and tells its result, its lines and its progress', async () => {
    const task = gateway.give({
      function: await nodejs(`export const handler = async ({ n }, { progress }) => {
        console.log('working'); await progress({ percent: 40 }); await new Promise((r) => setTimeout(r, 700)); return { n: n + 1 } }`),
      payload: { n: 1 },
    });
    expect(await resultOf(task)).toMatchObject({
      id: task.id,
      attempt: 1,
      status: 'SUCCEEDED',
      output: { n: 2 },
      outputs: [],
    });
    expect(gateway.lines).toMatchObject([{ stream: 'stdout', line: 'working' }]);
    expect(gateway.progress).toContain(40);
    await until(() => foldersLeft().length === 0);
  });

  it('tells a result at once, though it waits for more work', async () => {
    await until(() => gateway.requests.includes('poll'));
    const startedAt = Date.now();
    await resultOf(gateway.give({ function: command('true') }));
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });

  it('runs as many tasks at a time as it has slots, and all in the end', async () => {
    const tasks = Array.from({ length: 7 }, () => gateway.give({ function: shell('echo $$; sleep 0.05') }));
    for (const task of tasks) expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
    expect(gateway.taken).toHaveLength(7);
  });

  it('kills a task that is cancelled', async () => {
    const mark = `4${Date.now()}`;
    const task = gateway.give({ function: shell(`trap "" TERM; (setsid sleep ${mark} &); echo up; sleep ${mark}`) });
    await until(() => gateway.lines.length > 0);
    gateway.cancel.add(task.id);
    gateway.wake();
    expect(await resultOf(task)).toMatchObject({
      status: 'CANCELLED',
      error: 'Task.Cancelled',
      usage: { kill: { reason: 'cancelled', processesLeft: 0 } },
    });
    expect(isRunning(mark)).toBe(false);
  });

  it('tells a timeout as such', async () => {
    const task = gateway.give({ function: shell('sleep 100'), timeoutSeconds: 0.2 });
    expect(await resultOf(task)).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
      usage: { kill: { reason: 'timeout' } },
    });
  });
});

describe('an executor and the files of a task', () => {
  const input = { name: 'in', bucket: 'b', key: 'k' };
  const output = { name: 'out', bucket: 'b', key: 'made/clip.mp4' };

  it('brings inputs, and takes outputs away in parts', async () => {
    const content = Buffer.from('0123456789'.repeat(250));
    gateway.objects.set('b/k', content);
    const task = gateway.give({
      function: shell('cat "$SPOOL_INPUT_IN" "$SPOOL_INPUT_IN" > "$SPOOL_OUTPUT_OUT"'),
      inputs: [{ ...input, url: `${gateway.url}/store/b/k` }],
      outputs: [output],
    });
    const result = await resultOf(task);
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      outputs: [{ name: 'out', size: 5_000, contentType: 'video/mp4' }],
    });
    const [made] = (result as Extract<TaskResult, { status: 'SUCCEEDED' }>).outputs;
    expect(made?.parts).toHaveLength(5);
    expect(gateway.complete(`${task.id}-out`, made!).equals(Buffer.concat([content, content]))).toBe(true);
  });

  it('takes an empty output as one empty part', async () => {
    const task = gateway.give({ function: shell(': > "$SPOOL_OUTPUT_OUT"'), outputs: [output] });
    expect(await resultOf(task)).toMatchObject({
      status: 'SUCCEEDED',
      outputs: [{ size: 0, parts: [{ partNumber: 1 }] }],
    });
  });

  it('tries a store again that fails, and gives up on an object that is not there', async () => {
    gateway.objects.set('b/k', Buffer.from('text'));
    let failures = 2;
    gateway.refuses = (route) => (route === 'store' && failures-- > 0 ? 503 : undefined);
    const patient = gateway.give({
      function: command('cat', '{{inputs.in}}'),
      inputs: [{ ...input, url: `${gateway.url}/store/b/k` }],
    });
    expect(await resultOf(patient)).toMatchObject({ output: { stdout: 'text' } });
    const missing = gateway.give({
      function: command('true'),
      inputs: [{ ...input, url: `${gateway.url}/store/b/none` }],
    });
    expect(await resultOf(missing)).toMatchObject({ status: 'FAILED', error: 'Input.Unavailable' });
  });

  it.each([
    ['does not write it', 'true'],
    ['makes it a link', 'ln -s /etc/hostname "$SPOOL_OUTPUT_OUT"'],
    ['makes its folder a link', 'rm -r outputs; mkdir o; echo x > o/out; ln -s o outputs'],
    ['makes it a pipe', 'mkfifo "$SPOOL_OUTPUT_OUT"'],
  ])('fails a function that promises an output and %s', async (_, script) => {
    const task = gateway.give({ function: shell(script), outputs: [output] });
    expect(await resultOf(task)).toMatchObject({ status: 'FAILED', error: 'Output.Missing' });
    expect(gateway.requests).not.toContain('uploads');
  });

  it('uploads nothing of a function that failed', async () => {
    const task = gateway.give({ function: shell('echo x > "$SPOOL_OUTPUT_OUT"; exit 1'), outputs: [output] });
    expect(await resultOf(task)).toMatchObject({ status: 'FAILED', error: 'Command.Failed' });
    expect(gateway.requests).not.toContain('uploads');
  });

  it('says nothing of a task that was lost to another attempt', async () => {
    gateway.refuses = (route) => (route === 'uploads' ? 409 : undefined);
    const lost = gateway.give({ function: shell('echo x > "$SPOOL_OUTPUT_OUT"'), outputs: [output] });
    await until(() => gateway.requests.includes('uploads'));
    await resultOf(gateway.give({ function: command('true') }));
    expect(gateway.taken.map(({ id }) => id)).not.toContain(lost.id);
  });

  it('removes the folder of a function that took its own rights away', async () => {
    await resultOf(gateway.give({ function: shell('mkdir -p a/b; chmod 0 a/b a') }));
    await until(() => foldersLeft().length === 0);
  });
});

describe('an executor and the code of a function', () => {
  it('fetches code once', async () => {
    const code = await nodejs('export const handler = () => 1');
    for (const task of [gateway.give({ function: code }), gateway.give({ function: code })])
      expect(await resultOf(task)).toMatchObject({ output: 1 });
    expect(gateway.requests.filter((route) => route === 'code')).toHaveLength(1);
  });

  it('refuses code that is not what its digest says, and fetches it again when it is', async () => {
    const code = await nodejs('export const handler = () => 1');
    const digest = code.codeDigest ?? '';
    const right = gateway.codes.get(digest)!;
    gateway.codes.set(
      digest,
      gateway.codes.get(await gateway.addCode({ 'index.mjs': 'export const handler = () => "evil"' }))!,
    );
    expect(await resultOf(gateway.give({ function: code }))).toMatchObject({
      status: 'FAILED',
      error: 'Function.CodeUnavailable',
      cause: expect.stringContaining('SHA-256'),
    });
    gateway.codes.set(digest, right);
    expect(await resultOf(gateway.give({ function: code }))).toMatchObject({ output: 1 });
    expect(readdirSync(join(workDir, 'code')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('an executor through trouble', () => {
  it('delivers a result once, though the answer to it was lost', async () => {
    let broken = 0;
    gateway.breaks = (route, body) => route === 'poll' && body.includes('SUCCEEDED') && broken++ < 2;
    const task = gateway.give({ function: command('echo', '"x"') });
    await resultOf(task);
    const next = gateway.give({ function: command('echo', '"y"') });
    expect(await resultOf(next)).toMatchObject({ output: { stdout: 'y' } });
    expect(broken).toBeGreaterThanOrEqual(2);
    expect(gateway.taken.map(({ id }) => id)).toEqual([task.id, next.id]);
  });

  it('runs a task once, though the answer that brought it was lost and it comes again', async () => {
    let broken = 0;
    gateway.breaks = (route) =>
      route === 'poll' && [...gateway.tasks.values()].some(({ isGiven }) => isGiven) && broken++ === 0;
    const mark = join(workDir, 'ran');
    const task = gateway.give({ function: shell(`echo ran >> ${mark}; sleep 0.3`) });
    await until(() => existsSync(mark));
    gateway.tasks.get(task.id)!.isGiven = false; // Given a second time while it runs.
    gateway.wake();
    await resultOf(task);
    expect(broken).toBeGreaterThan(0);
    expect(readFileSync(mark, 'utf8')).toBe('ran\n');
  });

  it('keeps a task running while the gateway is away, and tells it later', async () => {
    const task = gateway.give({ function: shell('echo up; sleep 0.3; echo done') });
    await until(() => gateway.lines.length > 0);
    gateway.isDown = true;
    gateway.breakConnections();
    await sleep(800);
    expect(gateway.tasks.get(task.id)?.result).toBeUndefined();
    gateway.isDown = false;
    expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('registers again with a gateway that has forgotten it', async () => {
    await resultOf(gateway.give({ function: command('true') }));
    gateway.executors = new Set();
    gateway.breakConnections();
    expect(await resultOf(gateway.give({ function: command('true') }))).toMatchObject({ status: 'SUCCEEDED' });
    expect(gateway.executors.size).toBe(1);
  });

  it('turns a result that the gateway cannot take into a failure, and holds up no other', async () => {
    gateway.refuses = (route, body) =>
      route === 'poll' && body.includes('poison') && body.includes('SUCCEEDED') ? 400 : undefined;
    const poisoned = gateway.give({ function: command('echo', 'poison') });
    const good = gateway.give({ function: command('echo', 'good') });
    expect(await resultOf(good)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await resultOf(poisoned)).toMatchObject({ status: 'FAILED', error: 'Function.InvalidResponse' });
  });

  it('reports nothing of what a shutdown ended, and leaves no process and no folder', async () => {
    const mark = `5${Date.now()}`;
    gateway.give({ function: shell(`trap "" TERM; (setsid sleep ${mark} &); echo up; sleep ${mark}`) });
    await until(() => gateway.lines.length > 0);
    await app.close();
    expect(gateway.taken).toEqual([]);
    expect(isRunning(mark)).toBe(false);
    expect(readdirSync(join(workDir, 'tasks'))).toEqual([]);
    app = await start();
  });

  it('lets a task finish that ends in time when it is stopped', async () => {
    await app.close();
    app = await start({ SPOOL_DRAIN_SECONDS: '10' });
    const task = gateway.give({ function: shell('echo up; sleep 0.3') });
    await until(() => gateway.lines.length > 0);
    await app.close();
    expect(gateway.tasks.get(task.id)?.result).toMatchObject({ status: 'SUCCEEDED' });
    app = await start();
  });
});
