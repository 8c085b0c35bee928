import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findExecutable } from '../src/runtimes/find-executable.js';
import { ownPath } from '../src/runtimes/launch.js';
import { OutputBudget, readLines, type Sandbox, type Supervised, supervise } from '../src/index.js';
import { DiskWatch } from '../src/watches/disk-watch.js';
import { livingWith, newToken } from './living-with.js';
import { NASTY, type NastyProgram } from './nasty-programs.js';

export interface Subject {
  readonly sandbox: Sandbox;
  readonly controllers: readonly string[] | undefined;
}

interface Ended extends Supervised {
  readonly survivors: readonly number[];
}

const hasPython = spawnSync('python3', ['-c', '0']).status === 0;
const PROGRAMS = NASTY.filter(({ python }) => python === undefined || hasPython);

/** Lets every nasty program loose in sandboxes of one driver: nothing survives, and the next task runs at once. */
export function nastySuite(name: string, open: () => Promise<Subject> | Subject): void {
  let subject: Subject;
  beforeAll(async () => {
    subject = await open();
  });
  afterAll(() => subject?.sandbox.close());

  describe(`${name} outlives`, () => {
    it.each(PROGRAMS.map((program) => [program.name, program] as const))('%s', async (_, program) => {
      if (isDangerous(program, subject)) return void expectSaid(subject, program);
      const ended = await letLoose(subject.sandbox, program);
      const canBeMissed =
        program.hides === true && subject.controllers === undefined && subject.sandbox.driver === 'process';
      for (const pid of ended.survivors) process.kill(pid, 'SIGKILL');
      // One that hides may have been seen in time by chance: processes are looked at now and then.
      expect(ended.survivors.length).toBeLessThanOrEqual(canBeMissed ? 1 : 0);
      expect(program.ends ?? ['timeout']).toContain(ended.how);
      expect(ended.usage.kill?.processesLeft ?? 0).toBe(0);
      const next = await letLoose(subject.sandbox, { name: 'a good one', script: 'echo fine', ends: ['exit'] });
      expect(next).toMatchObject({ how: 'exit', exit: { code: 0 }, survivors: [] });
    });
  });
}

/** Without its limit it would take the machine with it, whatever we do afterwards. */
const isDangerous = ({ needs }: NastyProgram, { controllers }: Subject): boolean =>
  needs !== undefined && !(controllers?.includes(needs) ?? false);

function expectSaid({ sandbox }: Subject, { needs }: NastyProgram): void {
  expect(sandbox.weaknesses.join('\n')).toContain(`(no ${needs} cgroup)`);
}

async function letLoose(sandbox: Sandbox, program: NastyProgram): Promise<Ended> {
  const token = newToken();
  const work = mkdtempSync(join(tmpdir(), 'spool-nasty-'));
  try {
    const folders = { work };
    const instance = await sandbox.start({
      id: `nasty-${token}`,
      argv: argvOf(program, token, sandbox),
      env: { PATH: sandbox.surroundings.path },
      folders,
      limits: program.limits ?? {},
    });
    const budget = new OutputBudget(100_000);
    for (const name of ['stdout', 'stderr'] as const) readLines(instance[name], name, budget, () => {});
    const disk = new DiskWatch(work, program.diskBytes ?? 1e9);
    const timeoutMs = timeoutOf(program);
    const { signal } = new AbortController();
    const ended = await supervise(instance, { timeoutMs, graceMs: 60, signal, alarm: disk.full });
    disk.close();
    return { ...ended, survivors: livingWith(token) };
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
    expect(existsSync(work)).toBe(false);
  }
}

/** One that comes to its end by itself has the time for it that a busy machine needs. */
const timeoutOf = ({ ends = ['timeout'], timeoutMs }: NastyProgram): number =>
  timeoutMs ?? (ends.includes('timeout') ? 400 : 60_000);

function argvOf({ script, node, python }: NastyProgram, token: string, { surroundings }: Sandbox): string[] {
  if (node !== undefined) return [surroundings.node, '-e', node, token];
  if (python === undefined) return ['/bin/sh', '-c', `T=${token}; ${script}`, token];
  const onHost = (file: string) => surroundings.onHost(file, { work: '/' });
  const program = findExecutable('python3', { path: surroundings.path || ownPath(), dir: '/', onHost });
  return [program ?? 'python3', '-c', python, token];
}
