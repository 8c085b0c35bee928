import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProcessSandbox } from '../process.sandbox.js';
import type { Instance } from '../sandbox.js';
import { type Door, openDoor } from './door.js';
import type { FunctionRun } from './function-run.js';

const PATH = '/2018-06-01/runtime/invocation/next';
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
});
