import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { newOwner, stateOf } from './owner.js';
import { isAlive, readProcess, signalGroup, signalProcess } from './processes.js';

afterEach(() => void jest.restoreAllMocks());

describe('signalling a process', () => {
  it.each([0, 1, -1, -5, Number.NaN, 1.5, process.pid])('never reaches %s', (pid) => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true); // The one thing that must not really happen.
    signalProcess(pid, 'SIGKILL');
    signalGroup(pid, 'SIGKILL');
    expect(kill).not.toHaveBeenCalled();
  });

  it('does not mind that it is gone', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(() => signalProcess(child.pid ?? 0, 'SIGKILL')).not.toThrow();
  });
});

describe('an owner', () => {
  it('is alive while its process is, and not mistaken for the next one of its number', async () => {
    const own = newOwner();
    expect(stateOf(own)).toBe('alive');
    const [namespace, pid, startTime] = own.split('-');
    expect(stateOf(`${namespace}-${pid}-${Number(startTime) - 1}-abc`)).toBe('dead');
    expect(stateOf(`12345-${pid}-${startTime}-abc`)).toBe('foreign');
    const child = spawn('true');
    await once(child, 'exit');
    expect(stateOf(`${namespace}-${child.pid}-${startTime}-abc`)).toBe('dead');
  });
});

describe('reading a process', () => {
  it('gives its parent and its state, whatever its name', async () => {
    const child = spawn('sh', ['-c', 'printf ") R 1 (" > /proc/self/comm; echo up; read x'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const found = readProcess(child.pid ?? 0);
    child.kill('SIGKILL');
    expect(found).toMatchObject({ pid: child.pid, ppid: process.pid });
    expect(found && isAlive(found)).toBe(true);
  });
});

describe('what whoever started us left open', () => {
  it('is not passed on to what we start', () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-inherited-'));
    const fd = openSync(join(dir, 'secret'), 'w');
    const built = pathToFileURL(join(process.cwd(), 'dist/libs/sandbox/src/processes/inherited-files.js')).href;
    const list = 'spawnSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" }).stdout';
    const script = `import { spawnSync } from "node:child_process"; import { closeInherited } from "${built}";
      const before = ${list}; closeInherited(); console.log(JSON.stringify([before, ${list}]));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: 57 }, () => 'ignore' as const), fd],
    });
    const [before, after] = JSON.parse(stdout) as [string, string];
    expect(before).toContain(join(dir, 'secret'));
    expect(after).toContain('/proc/');
    expect(after).not.toContain(join(dir, 'secret'));
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });
});
