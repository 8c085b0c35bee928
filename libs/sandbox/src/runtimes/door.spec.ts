import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProcessSandbox } from '../process.sandbox.js';
import type { Instance } from '../sandbox.js';
import { type Door, openDoor } from './door.js';
import type { FunctionRun } from './function-run.js';

const PATH = '/2018-06-01/runtime/invocation/next';
/** What is answered to one that connects from this address and port. */
const statusFrom = (localAddress: string, localPort: number, port: number) =>
  new Promise<string>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress, localPort });
    socket.once('data', (head) => resolve(String(head).split('\r\n', 1)[0] ?? ''));
    socket.once('close', () => resolve('closed')).once('error', (error) => resolve(error.message));
    socket.write('POST /2018-06-01/runtime/invocation/none/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
const ASKS = `fetch('http://' + process.argv[1] + '${PATH}').then((r) => console.log(r.status)); setTimeout(() => {}, 9e4)`;

describe('the port of a function with the network of the machine and a client that knows no token', () => {
  let sandbox: ProcessSandbox;
  let door: Door;
  let work: string;
  let instance: Instance;
  beforeEach(async () => {
    work = mkdtempSync(join(tmpdir(), 'spool-door-'));
    sandbox = new ProcessSandbox();
    door = await openDoor(sandbox, { runtime: 'provided', folders: { work } } as FunctionRun);
    const argv = [process.execPath, '-e', ASKS, door.api.address];
    instance = await sandbox.start({ id: 'asks', argv, env: {}, folders: door.folders, limits: {} });
    await door.admit(instance);
  });
  afterEach(async () => {
    await instance.kill();
    await instance.release();
    await door.close();
    await sandbox.close();
    rmSync(work, { recursive: true });
  });

  it('answers its processes, and no other of this machine', async () => {
    expect((await fetch(`http://${door.api.address}${PATH}`)).status).toBe(403);
    void door.api.invoke({
      requestId: 'r',
      payload: {},
      deadlineMs: 0,
      functionArn: 'a',
      inputs: {},
      outputs: {},
      variables: {},
      onProgress() {},
    });
    const said = await new Promise((resolve) => instance.stdout.once('data', (chunk) => resolve(String(chunk))));
    expect(said).toBe('200\n');
    expect((await fetch(`http://${door.api.address}${PATH}`)).status).toBe(403);
  });

  it('is not deceived by a connection from the same port of another address', async () => {
    const port = Number(door.api.address.split(':')[1]);
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const portOfIts = () =>
      new RegExp(`0100007F:([0-9A-F]{4}) 0100007F:${hex} 01`).exec(readFileSync('/proc/self/net/tcp', 'utf8'))?.[1];
    while (portOfIts() === undefined) await sleep(5);
    const itsPort = Number.parseInt(portOfIts() ?? '', 16);
    // Of two the kernel lists either first: it is tried so often that this is a question of chance no more.
    for (let last = 2; last < 22; last++)
      expect(await statusFrom(`127.0.0.${last}`, itsPort, port)).toBe('HTTP/1.1 403 Forbidden');
  });
});
