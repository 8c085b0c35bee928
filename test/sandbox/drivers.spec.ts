import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsolatedSandbox, openSandbox, type Sandbox } from '@app/sandbox';
import { describeEach, Workshop, working } from './support.js';

describeEach('the driver %s', (driver) => {
  let sandbox: Sandbox;
  let shop: Workshop;
  const tools = mkdtempSync('/var/tmp/spool-tools-');
  beforeAll(async () => {
    writeFileSync(join(tools, 'greet'), '#!/bin/sh\necho hello\n');
    chmodSync(tools, 0o755);
    chmodSync(join(tools, 'greet'), 0o755);
    ({ sandbox } = await openSandbox({ driver, paths: [tools] }));
    shop = new Workshop(sandbox);
  });
  afterAll(async () => {
    await sandbox.close();
    shop.remove();
    rmSync(tools, { recursive: true, force: true });
  });

  it('runs nodejs and python through the Runtime API, with progress', async () => {
    const js = 'export const handler = async (e, c) => { await c.progress({ percent: 5 }); return [c.workDir, e.n] }';
    const node = await shop.run({ payload: { n: 1 } }, { 'index.mjs': js });
    expect(node).toMatchObject({
      end: { status: 'SUCCEEDED', output: ['/spool/work', 1] },
      progress: [{ percent: 5 }],
    });
    const py = 'def handler(e, c):\n  c.progress(percent=7)\n  print("seen")\n  return [c.work_dir, e["n"]]';
    const python = await shop.run({ runtime: 'python', payload: { n: 2 } }, { 'index.py': py });
    expect(python).toMatchObject({ end: { output: ['/spool/work', 2] }, progress: [{ percent: 7 }], stdout: 'seen' });
    expect(node.end).not.toHaveProperty('usage.kill');
  });

  it('encodes a film', async () => {
    const { end, stderr } = await shop.sh(
      'ffmpeg -loglevel error -nostdin -f lavfi -i testsrc2=d=1:s=160x120 -f lavfi -i sine=d=1 -c:v mpeg4 -c:a aac outputs/film.mp4 && ffprobe -loglevel error -show_entries stream=codec_name -of csv=p=0 outputs/film.mp4',
    );
    expect({ end, stderr }).toMatchObject({
      stderr: '',
      end: { status: 'SUCCEEDED', output: { stdout: 'mpeg4\naac\n' } },
    });
  });

  it('runs programs of the function and of folders that the executor shows, and knows those that are not there', async () => {
    expect((await shop.run({ runtime: 'command', command: [join(tools, 'greet')] })).stdout).toBe('hello');
    expect((await shop.run({ runtime: 'command', command: ['greet'], environment: { PATH: tools } })).stdout).toBe(
      'hello',
    );
    const missing = await shop.run({ runtime: 'command', command: ['/root/none'] });
    expect(missing.end).toMatchObject({ error: 'Command.NotFound' });
    const own = await shop.run({ runtime: 'command', command: ['sh', '{{codeDir}}/run.sh'] }, { 'run.sh': 'echo own' });
    expect(own.stdout).toBe('own');
  });

  it.each([
    ['a crash', 'exports.handler = () => process.abort()', 'Function.Crashed'],
    ['an exit', 'exports.handler = () => process.exit(4)', 'Function.Exited'],
    ['a timeout', 'exports.handler = () => { for (;;); }', 'States.Timeout'],
    [
      'a stall',
      'exports.handler = (e, c) => new Promise(() => setInterval(() => c.progress({ percent: 3 }), 20))',
      'Function.Stalled',
    ],
    [
      'a full disk',
      'exports.handler = () => { for (;;) require("fs").appendFileSync("f", Buffer.alloc(1e6)) }',
      'Function.DiskFull',
    ],
  ])('tells %s from the others', async (_, code, error) => {
    const limits = { timeoutMs: 3_000, stallMs: 1_500, diskBytes: 3e7 };
    const { stallMs, ...others } = limits;
    const options = error === 'Function.Stalled' ? { ...others, stallMs } : others;
    const { end } = await shop.run(options, { 'index.js': code });
    expect(end).toMatchObject({ error });
  });

  it('ends a function that is out of memory, and measures it, or says that it cannot', async () => {
    const code = 'exports.handler = () => { for (const all = []; all.length < 300; ) all.push(Buffer.alloc(1e6, 1)) }';
    const { end } = await shop.run({ memoryMb: 100 }, { 'index.js': code });
    const isLimited = !sandbox.weaknesses.some((weakness) => weakness.includes('no memory cgroup'));
    const usage = { cpuMs: expect.any(Number), peakMemoryBytes: expect.any(Number) };
    expect(end).toMatchObject(isLimited ? { error: 'Function.OutOfMemory', usage } : { status: 'SUCCEEDED' });
  });

  it('tells which signal ended a program', async () => {
    const { end } = await shop.sh('kill -ABRT $$');
    expect(end).toMatchObject({ error: 'Function.Crashed', usage: { signal: 'SIGABRT' } });
  });

  it('gives a program time to finish when it is asked to stop', async () => {
    const { end, stdout } = await shop.sh('trap "echo saved; exit 0" TERM; while :; do sleep 0.02; done', {
      timeoutMs: 300,
      graceMs: 5_000,
    });
    expect(stdout).toBe('saved');
    expect(end).toMatchObject({
      status: 'TIMED_OUT',
      usage: { kill: { signals: [{ signal: 'SIGTERM' }], processesLeft: 0 } },
    });
  });

  it('leaves nothing of itself', async () => {
    const { sandbox: passing } = await openSandbox({ driver });
    const { owner } = passing as IsolatedSandbox;
    expect(readdirSync(tmpdir()).filter((name) => name.includes(owner))).toHaveLength(1);
    await passing.close();
    expect(readdirSync(tmpdir()).filter((name) => name.includes(owner))).toEqual([]);
  });
});

describe('a driver that has passed its trial', () => {
  it('is not tried again before the next boot, unless something of it has changed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-verdicts-'));
    const runs = join(dir, 'runs');
    const ociRuntime = join(dir, 'crun');
    const countRuns = () => (existsSync(runs) ? readFileSync(runs, 'utf8').length : 0);
    const write = (more: string) =>
      writeFileSync(ociRuntime, `#!/bin/sh\nprintf x >> ${runs}\n${more}exec crun "$@"\n`, { mode: 0o755 });
    const open = async () => {
      const choice = { driver: 'oci', ociRuntime, verdictFile: join(dir, 'verdicts') } as const;
      const before = countRuns();
      const opened = await openSandbox(choice).catch(() => undefined);
      await opened?.sandbox.close();
      return { isOpen: opened !== undefined, tried: countRuns() > before };
    };
    write('');
    const isOpen = working.includes('oci');
    expect(await open()).toEqual({ isOpen, tried: true });
    expect(await open()).toEqual({ isOpen, tried: !isOpen });
    write('exit 1\n');
    expect(await open()).toEqual({ isOpen: false, tried: true });
    expect(await open()).toEqual({ isOpen: false, tried: true });
    rmSync(dir, { recursive: true });
  });
});

describe('choosing a driver', () => {
  it('passes over one that does not work, says why, and takes the next best', async () => {
    const { sandbox, passedOver } = await openSandbox({ driver: 'auto', ociRuntime: 'false' });
    expect(sandbox.driver).toBe(working.includes('bubblewrap') ? 'bubblewrap' : 'process');
    expect(passedOver[0]).toMatch(/^false: nodejs functions do not run/);
    await sandbox.close();
  });

  it('does not start with another one than was asked for', async () => {
    await expect(openSandbox({ driver: 'oci', ociRuntime: 'no-such-runtime' })).rejects.toMatchObject({
      code: 'sandbox_unavailable',
    });
  });
});
