import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import type { Assignment } from '@app/worker-api';
import {
  command,
  foldersLeft,
  gateway,
  nodejs,
  resultOf,
  stopExecutor,
  startExecutor,
  until,
} from '../testing/executor-harness.js';
import { call, counting, run, warmly } from '../testing/warm.js';

/** What a handler says of the process that it runs in. */
const LOOK = `const { SPOOL_TEMPLATE, SPOOL_INSTANCE_TOKEN, SPOOL_TASK_ID, MARK } = process.env;
  Object.assign(more, { was: fs.readFileSync('/proc/self/environ', 'utf8').includes('SPOOL_TEMPLATE=1'), cwd: process.cwd() === context.workDir,
    left: [SPOOL_TEMPLATE, SPOOL_INSTANCE_TOKEN].filter(Boolean), id: SPOOL_TASK_ID === context.awsRequestId, MARK,
    code: fs.readdirSync(process.env.LAMBDA_TASK_ROOT), work: fs.readdirSync('.').sort(), heap: (await import('node:v8')).getHeapStatistics().heap_size_limit })`;

const withTemplates = (env: Record<string, string> = {}) => warmly({ SPOOL_TEMPLATES: '2', ...env });
const templates = () => gateway.instances.filter(({ state }) => state === 'template');
/** It is there beside so many instances: what was said before they were is old. */
const ready = (runtime: string, memoryMb: number, beside = 1) =>
  until(
    () =>
      gateway.instances.filter(({ state }) => state !== 'template').length >= beside &&
      templates().some((one) => one.runtime === runtime && one.memoryMb === memoryMb),
  );

/** A template for functions of this size is there when this resolves. */
async function prepared(memoryMb = 128): Promise<void> {
  await run({ ...(await nodejs('export const handler = () => 1')), memoryMb, environment: { FIRST: '1' } });
  await ready('nodejs', memoryMb);
}

const sized = async (memoryMb: number, body = LOOK): Promise<Assignment['function']> => ({
  ...(await counting(body)),
  memoryMb,
});

describe('a function that has no instance', () => {
  it('begins as a runtime that was up before, with its own code, folder, variables and heap', async () => {
    await withTemplates();
    await prepared();
    const version = await sized(128);
    const seen = await call(version);
    expect(seen).toMatchObject({
      was: true,
      cwd: true,
      left: [],
      id: true,
      MARK: version.environment.MARK,
      code: ['index.mjs'],
      work: ['inputs', 'outputs', 'tmp'],
    });
    expect(Number(seen.heap)).toBeLessThan(200 * 1024 * 1024);
    expect(await call(version)).toMatchObject({ n: 2, process: seen.process });
  });

  it('is alone in it: the next function has another one, and sees nothing of the first', async () => {
    await withTemplates();
    await prepared();
    const first = await call(await sized(128, `${LOOK}; globalThis.secret = 1; fs.writeFileSync('tmp/secret', 'x')`));
    await ready('nodejs', 128, 2);
    const second = await call(
      await sized(128, `${LOOK}; more.secret = [globalThis.secret ?? 0, ...fs.readdirSync('tmp')]`),
    );
    expect([first.was, second.was]).toEqual([true, true]);
    expect(second.process).not.toBe(first.process);
    expect(second.secret).toEqual([0]);
  });

  it('has the memory that it may have, not that of the template', async () => {
    if (spawnSync('python3', ['-c', '0']).status !== 0) return;
    await withTemplates();
    const digest = await gateway.addCode({
      'index.py':
        'def handler(event, context):\n  return {"n": len(bytearray(event["mb"] * 1048576)), "process": "", "was": "SPOOL_TEMPLATE=1" in open("/proc/self/environ").read()}\n',
    });
    const python = { ...(await nodejs('')), runtime: 'python' as const, codeDigest: digest };
    await run({ ...python, memoryMb: 512 }, { payload: { mb: 1 } });
    await ready('python', 512);
    const small = { ...python, memoryMb: 96 };
    const seen = await call(small, { payload: { mb: 1 } });
    expect(seen).toMatchObject({ n: 1_048_576, was: true });
    if (seen.usage.peakMemoryBytes === undefined) return; // No memory cgroup.
    expect(await run(small, { payload: { mb: 300 } })).toMatchObject({ error: 'Function.OutOfMemory' });
  });

  it('begins from nothing if it says how its runtime is to be started', async () => {
    await withTemplates();
    await prepared();
    const version = await sized(128);
    const environment = { ...version.environment, NODE_OPTIONS: '--no-warnings' };
    expect(await call({ ...version, environment })).toMatchObject({ was: false });
  });

  it('whose handler cannot be loaded fails in its init phase, as from nothing', async () => {
    await withTemplates();
    await prepared();
    const broken = { ...(await nodejs('throw new TypeError("no")')), environment: { B: '1' } };
    const end = await run(broken);
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'TypeError',
      cause: expect.stringContaining('"phase":"init"') as unknown,
    });
    await ready('nodejs', 128);
  });
});

describe('templates', () => {
  it('give way to tasks that need their memory, and leave nothing', async () => {
    await withTemplates({ SPOOL_EXECUTOR_MEMORY_MB: '300' });
    await prepared();
    const greedy = gateway.give({ function: command('sleep', '600'), resources: { memoryMb: 300, vcpu: 1 } });
    await until(() => templates().length === 0 && gateway.instances.length === 1);
    gateway.cancel.add(greedy.id);
    gateway.wake();
    await resultOf(greedy);
  });

  it('are as many as the operator says, for what was lately asked for', async () => {
    await withTemplates({ SPOOL_TEMPLATES: '1' });
    await prepared(128);
    await prepared(192);
    await until(() => templates().length === 1 && templates()[0]?.memoryMb === 192);
  });

  it('of which one is taken while others are made are all there again', async () => {
    await withTemplates({ SPOOL_TEMPLATES: '5' });
    await prepared(128);
    const sizes = [160, 192, 224, 256];
    const are = () => sizes.filter((size) => templates().some(({ memoryMb }) => memoryMb === size)).length;
    for (const version of await Promise.all(sizes.map((size) => sized(size)))) gateway.give({ function: version });
    await until(() => are() > 0);
    await call(await sized(128));
    await until(() => are() === sizes.length && templates().length === 5);
  });

  it('end with the executor', async () => {
    await withTemplates();
    await prepared();
    await stopExecutor();
    expect(foldersLeft()).toEqual([]);
    await startExecutor();
  });
});
