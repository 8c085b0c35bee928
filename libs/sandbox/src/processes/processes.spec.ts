import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
