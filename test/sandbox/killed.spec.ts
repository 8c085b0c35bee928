import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openSandbox } from '@app/sandbox';
import { eventually } from '../support/standalone.js';
import { working } from './support.js';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
};
const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
const livingOf = (owner: string) => processes().filter((pid) => read(`/proc/${pid}/environ`).includes(`=${owner}/`));
const guardsOf = (owner: string) =>
  processes().filter(
    (pid) => /guard\.sh/.test(read(`/proc/${pid}/cmdline`)) && read(`/proc/${pid}/cmdline`).includes(owner),
  );
const cgroupsOf = (owner: string) =>
  read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => join(line.split(' ')[4] ?? '', 'spool'))
    .flatMap((dir) => {
      try {
        return readdirSync(dir).filter((name) => name === owner);
      } catch {
        return [];
      }
    });
const foldersOf = (owner: string) =>
  readdirSync(tmpdir()).filter((name) => name.includes(owner.split('-').slice(0, 3).join('-')));

describe.each(['process' as const, ...working])(
  'an executor with the driver %s that is killed with kill -9',
  (driver) => {
    it.each([
      ['leaves no process, even before another starts', 'lives'],
      ['and whose guard is killed first, leaves nothing behind the sweep of the next', 'is killed'],
    ])('%s', async (_, guard) => {
      const dir = mkdtempSync(join(tmpdir(), 'spool-killed-'));
      const script = join(process.cwd(), 'test/sandbox/killed-executor.mjs');
      const child = spawn(process.execPath, [script, driver, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      const owner = said.toString().trim();
      expect(livingOf(owner).length).toBeGreaterThanOrEqual(6);
      const hasCgroups = cgroupsOf(owner).length > 0;
      if (guard === 'is killed') for (const pid of guardsOf(owner)) process.kill(Number(pid), 'SIGKILL');
      child.kill('SIGKILL');
      await once(child, 'exit');
      // The daemons of plain processes have nobody who ends them, where there are no cgroups.
      if (guard === 'lives' && (hasCgroups || driver !== 'process'))
        await eventually(async () => livingOf(owner).length === 0);
      const { sandbox } = await openSandbox({ driver });
      await sandbox.sweep();
      await eventually(async () => livingOf(owner).length === 0);
      expect({ cgroups: cgroupsOf(owner), folders: foldersOf(owner) }).toEqual({ cgroups: [], folders: [] });
      await sandbox.close();
      rmSync(dir, { recursive: true, force: true });
    });
  },
);
