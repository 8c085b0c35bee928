import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSandbox, type Sandbox } from '@app/sandbox';
import { awsLambdaRic } from './stock-client.js';
import { Workshop, working } from './support.js';

/** What AWS' documentation calls a custom runtime: nothing but HTTP to AWS_LAMBDA_RUNTIME_API. */
const OWN_RUNTIME = `#!/usr/bin/env node
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime';
(async () => {
  if (process.env.FAILS) return fetch(api + '/init/error', { method: 'POST', body: JSON.stringify({ errorMessage: 'no', errorType: 'Extension.Bad' }) });
  for (;;) {
    const next = await fetch(api + '/invocation/next');
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const event = await next.json();
    if (event.exits !== undefined) process.exit(event.exits);
    const names = ['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', '_HANDLER'];
    const output = { event, env: names.map((name) => process.env[name]), trace: next.headers.get('lambda-runtime-trace-id'),
      inRoot: process.cwd() === process.env.LAMBDA_TASK_ROOT, client: next.headers.get('lambda-runtime-client-context') };
    await fetch(api + '/invocation/' + id + '/response', { method: 'POST', body: JSON.stringify(output) });
  }
})();
`;
const PYTHON = `#!/bin/sh
exec python3 -m awslambdaric app.handler
`;
const APP = `
class NoGood(Exception): pass
def handler(event, context):
    print("seen", event["n"])
    if event["n"] < 0: raise NoGood("negative")
    return {"n": event["n"] + 1, "id": context.aws_request_id, "left": context.get_remaining_time_in_millis() > 0, "memory": context.memory_limit_in_mb}
`;
const provided = { runtime: 'provided', handler: 'app.handler' } as const;

const places = ['process' as const, ...working].flatMap((driver) =>
  (['none', 'host'] as const).map((network) => ({ driver, network })),
);

describe.each(places)(
  'a function that brings its runtime, by $driver with the network $network',
  ({ driver, network }) => {
    let sandbox: Sandbox;
    let shop: Workshop;
    beforeAll(async () => {
      ({ sandbox } = await openSandbox({ driver }));
      shop = new Workshop(sandbox);
    });
    afterAll(async () => {
      await sandbox.close();
      shop.remove();
    });

    it('speaks to AWS_LAMBDA_RUNTIME_API over TCP and finds the environment of AWS Lambda', async () => {
      const context = { namespace: 'default', clientContext: '{"client":1}' };
      const id = '0199a000-0000-7000-8000-00000000000a';
      const { end } = await shop.run(
        { ...provided, id, network, context, payload: { n: 1 } },
        { bootstrap: OWN_RUNTIME },
      );
      expect(end).toMatchObject({
        status: 'SUCCEEDED',
        output: {
          event: { n: 1 },
          env: ['probe', '1', '256', 'app.handler'],
          trace: 'Root=1-0199a000-00007000800000000000000a;Sampled=0',
          inRoot: true,
          client: '{"client":1}',
        },
        usage: { initMs: expect.any(Number) },
      });
    });

    it('is served by the client of AWS for Python, unchanged', async () => {
      const ric = awsLambdaRic();
      const files = { bootstrap: PYTHON, 'app.py': APP };
      const options = { ...provided, network, environment: { PYTHONDONTWRITEBYTECODE: '1' } };
      const { end, stdout } = await shop.run({ ...options, payload: { n: 41 } }, files, ric);
      expect(end).toMatchObject({ status: 'SUCCEEDED', output: { n: 42, left: true, memory: '256' } });
      expect(stdout).toContain('seen 41');
      const failed = await shop.run({ ...options, payload: { n: -1 } }, files, ric);
      expect(failed.end).toMatchObject({
        status: 'FAILED',
        error: 'NoGood',
        cause: expect.stringContaining('negative'),
      });
    });

    it('tells the end of its process before the first event from one with an event in hand, and both from an error', async () => {
      const early = await shop.run({ ...provided, network }, { bootstrap: '#!/bin/sh\necho broken >&2; exit 3\n' });
      expect(early.end).toMatchObject({ error: 'Runtime.ExitError' });
      expect(JSON.parse('cause' in early.end ? early.end.cause : '')).toMatchObject({
        phase: 'init',
        stderr: 'broken\n',
      });
      const late = await shop.run({ ...provided, network, payload: { exits: 3 } }, { bootstrap: OWN_RUNTIME });
      expect(late.end).toMatchObject({ error: 'Function.Exited' });
      const told = await shop.run({ ...provided, network, environment: { FAILS: '1' } }, { bootstrap: OWN_RUNTIME });
      expect(told.end).toMatchObject({ error: 'Extension.Bad', cause: expect.stringContaining('"phase":"init"') });
    });

    it('needs a program that may be run', async () => {
      const { end } = await shop.run({ ...provided, network }, { bootstrap: 'no program' });
      expect(end).toMatchObject({ error: 'Runtime.InvalidEntrypoint' });
    });
  },
);
