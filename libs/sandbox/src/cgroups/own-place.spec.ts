import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newOwner } from '../processes/owner.js';
import { signalProcess } from '../processes/processes.js';
import { processesIn, removeTree } from './cgroup-folder.js';
import { Cgroups } from './cgroups.js';
import { readHierarchies } from './hierarchies.js';
import { areOfOneTree, baseOf, canBeJoined, makeRoom } from './own-place.js';

describe('the processes of a cgroup', () => {
  const parents = new Map([
    [10, 1],
    [11, 10],
    [12, 11],
    [20, 1],
  ]);
  it.each([
    ['belong to us if they come of one that is there', [10, 11, 12], true],
    ['do not, if somebody else is there', [10, 11, 20], false],
    ['do, though one has ended meanwhile', [10, 11, 99], true],
  ])('%s', (_, pids, expected) => expect(areOfOneTree(pids, parents)).toBe(expected));
});

it('an executor that starts where another has moved down makes its cgroups beside it, not below', () => {
  expect(baseOf('/sys/fs/cgroup/system.slice/spool.service/spool-own')).toBe(
    '/sys/fs/cgroup/system.slice/spool.service',
  );
  expect(baseOf('/sys/fs/cgroup/system.slice/spool.service')).toBe('/sys/fs/cgroup/system.slice/spool.service');
});

function writableV2(): string | undefined {
  const found = readHierarchies().find(({ version }) => version === 2)?.dir;
  try {
    accessSync(found ?? '', constants.W_OK);
    return found;
  } catch {
    return undefined;
  }
}

const v2 = writableV2();
const read = (...path: string[]) => readFileSync(join(...path), 'utf8').trim();

/** With the kernel's own rules, where this machine has a cgroup v2 that may be written. */
describe('a service with a cgroup v2 of its own', () => {
  const base = join(v2 ?? '/nowhere', `spool-test-${process.pid}`);
  beforeEach(() => void (v2 && mkdirSync(base)));
  afterEach(async () => {
    for (let left = processesIn(base); left.length > 0; left = processesIn(base)) {
      for (const pid of left) signalProcess(pid, 'SIGKILL');
      await sleep(2);
    }
    if (v2) removeTree(base);
  });

  /** A process in this cgroup that has a child there. */
  async function live(): Promise<number> {
    const script = `echo 0 > "$0/cgroup.procs"; sh -c 'echo up; read x; :' <&3 & wait`;
    const child = spawn('sh', ['-c', script, base], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    if (child.stdout) await once(child.stdout, 'data');
    return child.pid ?? 0;
  }

  it('gives controllers to its functions, which it cannot as long as it is in it itself', async () => {
    if (!v2) return expect(makeRoom(base)).toBe(true);
    await live();
    expect(makeRoom(base)).toBe(true);
    expect(processesIn(join(base, 'spool-own'))).toHaveLength(2);
    expect(read(base, 'cgroup.procs')).toBe('');
    for (const name of read(base, 'cgroup.controllers').split(' ').filter(Boolean))
      writeFileSync(join(base, 'cgroup.subtree_control'), `+${name}`);
    expect(canBeJoined(base)).toBe(true);
  });

  it('moves nobody who does not belong to it, and gives nothing on then', async () => {
    if (!v2) return expect(makeRoom(base)).toBe(true);
    const [one, other] = [await live(), await live()];
    expect(makeRoom(base)).toBe(false);
    expect(read(base, 'cgroup.procs').split('\n').map(Number)).toEqual(expect.arrayContaining([one, other]));
  });

  it('does without a cgroup that nothing can join, and leaves none there', () => {
    if (!v2) return expect(canBeJoined(base)).toBe(false);
    expect(canBeJoined(base)).toBe(true);
    mkdirSync(join(base, 'threads'));
    writeFileSync(join(base, 'threads/cgroup.type'), 'threaded'); // What is beside it is a domain that is none.
    expect(canBeJoined(base)).toBe(false);
    const place = { version: 2, controllers: [], dir: base, mountPoint: v2 } as const;
    const owner = newOwner();
    expect(Cgroups.open(owner, [place])).toBeUndefined();
    expect(() => read(base, 'spool', owner, 'cgroup.procs')).toThrow('ENOENT');
  });
});
