// What the benchmarks of sandboxes have in common: small functions of each runtime, and running them without an executor.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './spool.mjs';

export const { HandlerInstance, openSandbox, runFunction, Template } = await import(
  pathToFileURL(join(root, 'dist/libs/sandbox/src/index.js')).href
);

/** A runtime of somebody's own, as small as it can be: two lines of HTTP. */
const BOOTSTRAP = `#!/usr/bin/env python3
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    event = api.getresponse()
    body, id = event.read(), event.headers["lambda-runtime-aws-request-id"]
    api.request("POST", "/2018-06-01/runtime/invocation/%s/response" % id, body)
    api.getresponse().read()
`;
const CODE = {
  'index.mjs': 'export const handler = (event) => event;',
  'index.py': 'def handler(event, context): return event',
  bootstrap: BOOTSTRAP,
};

/** A folder for one benchmark, with code that every runtime can run. */
export class Bench {
  dir = mkdtempSync(join(tmpdir(), 'spool-bench-'));
  code = join(this.dir, 'code');
  runs = 0;

  constructor() {
    mkdirSync(this.code);
    chmodSync(this.dir, 0o755);
    for (const [name, text] of Object.entries(CODE)) writeFileSync(join(this.code, name), text, { mode: 0o755 });
  }

  newFolder() {
    const work = join(this.dir, `work-${this.runs++}`);
    mkdirSync(join(work, 'tmp'), { recursive: true });
    return work;
  }

  /** What a run is given, but for what the benchmark says of it. */
  runOf(given, work = this.newFolder()) {
    return {
      id: `bench-${this.runs++}`,
      attempt: 1,
      name: 'bench',
      version: 1,
      handler: 'index.handler',
      environment: {},
      memoryMb: 256,
      payload: {},
      inputs: {},
      outputs: {},
      folders: { work, code: this.code },
      context: { namespace: 'bench' },
      timeoutMs: 20_000,
      graceMs: 0,
      ...given,
    };
  }

  /** A runtime that is up and waits for its code, with folders of its own. */
  async template(sandbox, { runtime, network }) {
    const work = this.newFolder();
    const code = `${work}.code`;
    mkdirSync(code);
    const shape = { runtime, memoryMb: 256, ...(network && { network }) };
    return { work, template: await Template.start(sandbox, `template-${this.runs++}`, shape, { work, code }) };
  }

  /** Calls for one instance after the other. */
  callOf(given, work) {
    const listener = { onLine() {}, onProgress() {} };
    return { run: this.runOf(given, work), listener, signal: new AbortController().signal, mayStay: () => true };
  }

  close() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Each driver that works here, the plainest first. */
export async function* workingDrivers() {
  for (const driver of ['process', 'bubblewrap', 'oci']) {
    const opened = await openSandbox({ driver }).catch(
      ({ message }) => void console.log(`${driver}: ${message}`.slice(0, 120)),
    );
    if (!opened) continue;
    yield { driver, sandbox: opened.sandbox };
    await opened.sandbox.close();
  }
}

export const p50 = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
