import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readHierarchies } from './cgroups/hierarchies.js';
import { ProcessSandbox } from './process.sandbox.js';

const root = resolve(__dirname, '../../..');
const dir = mkdtempSync(join(tmpdir(), 'spool-orphans-'));
let runs = 0;

/** An executor in a process of its own, to be killed: it starts this script in a sandbox and says so. */
async function executor(script: string, cgroups: 'if-possible' | 'never'): Promise<ChildProcess> {
  const file = join(dir, `executor-${runs++}.mjs`);
  const spec = {
    id: 'orphan',
    argv: ['sh', '-c', script],
    env: { PATH: process.env.PATH },
    folders: { work: dir },
    limits: {},
  };
  writeFileSync(
    file,
    `import { ProcessSandbox } from ${JSON.stringify(pathToFileURL(join(root, 'dist/libs/sandbox/src/index.js')).href)};
     const sandbox = new ProcessSandbox(${JSON.stringify({ cgroups })});
     const instance = await sandbox.start(${JSON.stringify(spec)});
     instance.stdout.once('data', () => console.log('up'));
     setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return child;
}

function livingWith(token: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandOf(pid).includes(token));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(10);
}

const probe = new ProcessSandbox();
const hasCgroup = probe.controllers !== undefined;
afterAll(async () => {
  await probe.close();
  rmSync(dir, { recursive: true, force: true });
});

const WRITTEN = 20_000_000;
const write = (file: string): string => `head -c ${WRITTEN} /dev/zero > ${join(dir, file)}`;

/** What the kernel counts as written by a shell that does so, in whole pages: nothing, where the folder is in memory. */
function writtenBy(script: string): number {
  const io = execFileSync('sh', ['-c', `${script}; cat /proc/$$/io`], { encoding: 'utf8' });
  return Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? 0);
}

describe.each(['if-possible', 'never'] as const)('what a program writes, cgroups %s', (cgroups) => {
  it('is counted while only the page cache has it', async () => {
    const sandbox = new ProcessSandbox({ cgroups });
    const argv = ['sh', '-c', `${write('in')}; echo done; sleep 600`];
    const env = { PATH: process.env.PATH ?? '' };
    const instance = await sandbox.start({ id: `writes-${cgroups}`, argv, env, folders: { work: dir }, limits: {} });
    await once(instance.stdout, 'data');
    expect(instance.usage().writtenBytes ?? 0).toBeGreaterThanOrEqual(Math.min(WRITTEN, writtenBy(write('out'))));
    await instance.kill();
    await instance.release();
    await sandbox.close();
  });
});

describe('an executor that is killed with kill -9', () => {
  it('takes the first process of each task with it', async () => {
    const token = `71.${Date.now()}`;
    const child = await executor(`echo up; exec sleep ${token}`, 'never');
    expect(livingWith(token)).toHaveLength(1);
    await killed(child);
    await until(() => livingWith(token).length === 0);
  });

  it('takes everything with it where there is a cgroup, and elsewhere leaves only what it says it may', async () => {
    const token = `72.${Date.now()}`;
    const child = await executor(
      `trap "" TERM; (setsid env -i sleep ${token} >/dev/null 2>&1 &); sleep ${token} & echo up; wait`,
      'if-possible',
    );
    expect(livingWith(token).length).toBeGreaterThanOrEqual(2);
    await killed(child);
    await until(() => livingWith(token).length <= (hasCgroup ? 0 : 2));
    expect(probe.weaknesses.some((weakness) => /can outlive its task/.test(weakness))).toBe(!hasCgroup);
    for (const pid of livingWith(token)) process.kill(pid, 'SIGKILL');
  });

  it('is swept up after by the next one, which leaves the living alone', async () => {
    const token = `73.${Date.now()}`;
    const living = await executor(`sleep 1${token} & echo up; wait`, 'never');
    const dead = await executor(`(setsid sleep 2${token} >/dev/null 2>&1 &); echo up; wait`, 'never');
    await killed(dead);
    expect(livingWith(`2${token}`)).toHaveLength(1);
    expect(await new ProcessSandbox({ cgroups: 'never' }).sweep()).toBeGreaterThanOrEqual(1);
    await until(() => livingWith(`2${token}`).length === 0);
    expect(livingWith(`1${token}`).length).toBeGreaterThan(0);
    await killed(living);
    await new ProcessSandbox({ cgroups: 'never' }).sweep();
    await until(() => livingWith(token).length === 0);
  });
});

const foldersOf = (sandbox: ProcessSandbox) =>
  readHierarchies()
    .map((hierarchy) => join(hierarchy.dir, 'spool', sandbox.owner))
    .filter(existsSync);

describe('the cgroups of an executor', () => {
  it('are there while it lives, if any can be made, and gone when it has ended', async () => {
    const sandbox = new ProcessSandbox();
    expect(foldersOf(sandbox).length > 0).toBe(hasCgroup);
    const instance = await sandbox.start({ id: 'x', argv: ['true'], env: {}, folders: { work: dir }, limits: {} });
    await instance.exited;
    await instance.kill();
    await instance.release();
    await sandbox.close();
    expect(foldersOf(sandbox)).toEqual([]);
  });
});

describe('the process sandbox', () => {
  it('says what it does not protect from', () => {
    const { weaknesses } = new ProcessSandbox({ cgroups: 'never' });
    expect(weaknesses.join('\n')).toMatch(/see the files[^]*no writable cgroup[^]*no memory cgroup[^]*no pids cgroup/);
  });
});

describe('processor time without cgroups', () => {
  it('is what the processes show, those included that were waited for, and belongs to who was measured', async () => {
    const sandbox = new ProcessSandbox({ cgroups: 'never' });
    const busy = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done';
    const instance = await sandbox.start({
      id: 'busy',
      argv: ['sh', '-c', `(${busy}); (${busy}); echo done; exec sleep 600`],
      env: { PATH: process.env.PATH ?? '' },
      folders: { work: dir },
      limits: {},
    });
    await once(instance.stdout, 'data');
    expect(instance.usage().cpuMs).toBeGreaterThan(0);
    instance.measure();
    const all = instance.total().cpuMs ?? 0;
    await instance.kill();
    expect(instance.usage().cpuMs ?? 0).toBeLessThan(instance.total().cpuMs ?? 0);
    expect(instance.total().cpuMs).toBeGreaterThanOrEqual(all);
    await instance.release();
    await sandbox.close();
  });
});
