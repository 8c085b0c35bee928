import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Progress } from '@app/worker-api';
import { type FunctionRun, ProcessSandbox, runFunction } from '../index.js';

const root = mkdtempSync(join(tmpdir(), 'spool-functions-'));
const sandbox = new ProcessSandbox();
let runs = 0;

/** Runs a function made of these files; what matters to the test is in the test. */
async function run(
  files: Record<string, string>,
  options: Partial<FunctionRun> = {},
  signal = new AbortController().signal,
) {
  const dir = join(root, String(runs++));
  const folders = { work: join(dir, 'work'), code: join(dir, 'code') };
  for (const folder of [join(folders.work, 'tmp'), folders.code]) mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folders.code, name)), { recursive: true });
    writeFileSync(join(folders.code, name), text);
  }
  const lines: string[] = [];
  const progress: Progress[] = [];
  const whole: FunctionRun = {
    id: `run-${runs}`,
    attempt: 1,
    name: 'thumbs',
    version: 3,
    runtime: 'nodejs',
    handler: 'index.handler',
    environment: {},
    memoryMb: 256,
    payload: { n: 20 },
    inputs: {},
    outputs: {},
    folders,
    context: { namespace: 'default' },
    timeoutMs: 10_000,
    graceMs: 200,
    ...options,
  };
  const listener = {
    onLine: (stream: string, line: string) => void lines.push(`${stream}: ${line}`),
    onProgress: (given: Progress) => void progress.push(given),
  };
  const end = await runFunction(sandbox, whole, listener, signal);
  const cause =
    'cause' in end
      ? (JSON.parse(end.cause) as { errorMessage: string; errorType: string; trace: string[] })
      : undefined;
  return { end, cause, lines, progress, folders };
}

afterAll(async () => {
  await sandbox.close();
  rmSync(root, { recursive: true, force: true });
});

describe('a nodejs function that answers', () => {
  it.each([
    ['an ES module', { 'index.mjs': 'export const handler = async ({ n }) => n * 2' }],
    ['a CommonJS module', { 'index.cjs': 'exports.handler = async ({ n }) => n * 2' }],
    ['CommonJS in a .js file', { 'index.js': 'module.exports.handler = ({ n }) => n * 2' }],
    ['ES syntax in a .js file', { 'index.js': 'export const handler = ({ n }) => n * 2' }],
    [
      'a callback',
      {
        'index.js':
          'exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event.n * 2), 5) }',
      },
    ],
    ['the old way', { 'index.js': 'exports.handler = ({ n }, context) => new Promise(() => context.succeed(n * 2))' }],
    ['a default export', { 'index.mjs': 'export default { handler: ({ n }) => n * 2 }' }],
  ])('is %s', async (_, files) => {
    expect((await run(files)).end).toMatchObject({ status: 'SUCCEEDED', output: 40 });
  });
});

describe('a nodejs function at work', () => {
  it('sees the context of AWS Lambda, its files, and tells its progress', async () => {
    const code = `export const handler = async (event, context) => {
      await context.progress({ percent: 50, message: 'half' });
      context.progress({ percent: 250, speed: 2.5, etaSeconds: -1 });
      return { left: context.getRemainingTimeInMillis(), id: context.awsRequestId, name: context.functionName,
        input: context.inputs.video, output: context.outputs['out-1'], env: process.env.SPOOL_OUTPUT_OUT_1, cwd: process.cwd(), arn: context.invokedFunctionArn };
    }`;
    const { end, progress, folders } = await run(
      { 'src/app.mjs': code.replace('handler', 'go') },
      {
        id: 'abc',
        handler: 'src/app.go',
        inputs: { video: '/w/inputs/video' },
        outputs: { 'out-1': '/w/outputs/out-1' },
      },
    );
    expect(end).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        id: 'abc',
        name: 'thumbs',
        input: '/w/inputs/video',
        output: '/w/outputs/out-1',
        env: '/w/outputs/out-1',
        cwd: folders.work,
        arn: 'arn:aws:lambda:spool:default:function:thumbs:3',
      },
    });
    expect((end as unknown as { output: { left: number } }).output.left).toBeGreaterThan(5_000);
    expect(progress).toEqual([
      { percent: 50, message: 'half' },
      { percent: 100, speed: 2.5, etaSeconds: 0 },
    ]);
  });

  it('has a clean environment and cannot set what decides how it is run', async () => {
    process.env.SPOOL_EXECUTOR_TOKEN = 'secret';
    const environment = { GREETING: 'hi', AWS_LAMBDA_RUNTIME_API: 'evil:1', HOME: '/root', 'BAD NAME': 'x' };
    const { end, folders } = await run({ 'index.mjs': 'export const handler = () => process.env' }, { environment });
    delete process.env.SPOOL_EXECUTOR_TOKEN;
    const { output } = end as unknown as { output: Record<string, string> };
    expect(JSON.stringify(output)).not.toContain('secret');
    expect(output).toMatchObject({ GREETING: 'hi', HOME: folders.work, TMPDIR: join(folders.work, 'tmp') });
    expect(output.AWS_LAMBDA_RUNTIME_API).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(output).not.toHaveProperty('SPOOL_INSTANCE_TOKEN');
    expect(output).not.toHaveProperty('BAD NAME');
  });

  it('keeps the order of its lines', async () => {
    const { lines } = await run({
      'index.mjs': 'export const handler = () => { for (let i = 0; i < 5_000; i++) console.log(i) }',
    });
    expect(lines).toEqual(Array.from({ length: 5_000 }, (_, index) => `stdout: ${index}`));
  });
});

describe('a nodejs function that fails', () => {
  it.each([
    ['MyError', 'boom', 'class MyError extends Error {}\nexports.handler = async () => { throw new MyError("boom") }'],
    ['Custom.Name', 'no', 'exports.handler = () => { throw Object.assign(new Error("no"), { name: "Custom.Name" }) }'],
    [
      'TypeError',
      'late',
      'exports.handler = () => new Promise(() => setTimeout(() => { throw new TypeError("late") }, 5))',
    ],
    [
      'RangeError',
      'forgotten',
      'exports.handler = () => { Promise.reject(new RangeError("forgotten")); return new Promise((r) => setTimeout(r, 500)) }',
    ],
    ['Error', 'by callback', 'exports.handler = (e, c, callback) => { callback(new Error("by callback")) }'],
    ['string', 'text', 'exports.handler = async () => { throw "text" }'],
    ['Error', 'at load', 'throw new Error("at load")'],
    ['Function.InvalidResponse', 'circular', 'exports.handler = async () => { const a = {}; a.a = a; return a }'],
    ['Function.ResponseSizeTooLarge', '6291556', 'exports.handler = async () => "x".repeat(7e6)'],
    ['Function.Exited', 'exited with 7', 'exports.handler = async () => process.exit(7)'],
    ['Function.Crashed', 'SIGKILL', 'exports.handler = async () => process.kill(process.pid, "SIGKILL")'],
    ['Function.Exited', 'never answered', 'exports.handler = () => new Promise(() => {})'],
    ['Runtime.HandlerNotFound', 'handler', 'exports.other = 1'],
  ])('ends in %s: %s', async (error, message, code) => {
    const { end, cause } = await run({ 'index.js': code });
    expect(end).toMatchObject({ status: 'FAILED', error });
    expect(cause).toMatchObject({ errorType: error, errorMessage: expect.stringContaining(message) });
  });
});

describe('the end of a nodejs function', () => {
  it('shows where it failed', async () => {
    const { cause } = await run({ 'index.js': 'exports.handler = async function work() { throw new Error("here") }' });
    expect(cause?.trace[0]).toMatch(/^at .*work .*index\.js:1/);
  });

  it('names the file that is missing', async () => {
    expect((await run({}, { handler: 'main.run' })).cause?.errorMessage).toContain('main.mjs, .js or .cjs');
  });

  it('is killed at its timeout, with all that it started', async () => {
    const code =
      'exports.handler = () => { process.on("SIGTERM", () => {}); require("child_process").spawn("sleep", ["1000"], { detached: true }); for (;;); }';
    const { end } = await run({ 'index.js': code }, { timeoutMs: 600 });
    expect(end).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
      usage: { kill: { reason: 'timeout', processesFound: 2, processesLeft: 0 } },
    });
  });

  it('is killed when it goes on telling the same, and says so', async () => {
    const code =
      'exports.handler = (event, context) => new Promise(() => setInterval(() => context.progress({ percent: 40 }), 20))';
    const { end, cause, progress } = await run({ 'index.js': code }, { stallMs: 500 });
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'Function.Stalled',
      usage: { ending: 'stalled', kill: { reason: 'stalled', processesLeft: 0 } },
    });
    expect(cause?.errorMessage).toContain('did not advance for 0.5 seconds');
    expect(progress.length).toBeGreaterThan(1);
  });

  it('is killed when its files grow too large', async () => {
    const code =
      'const { appendFileSync } = require("node:fs"); exports.handler = () => { for (;;) appendFileSync("f", Buffer.alloc(1e5)) }';
    expect((await run({ 'index.js': code }, { diskBytes: 5e6 })).end).toMatchObject({
      error: 'Function.DiskFull',
      usage: { ending: 'disk', kill: { reason: 'disk', processesLeft: 0 } },
    });
  });

  it('is cancelled, or ended by a shutdown that reports nothing', async () => {
    const files = { 'index.js': 'exports.handler = () => new Promise((r) => setTimeout(r, 1e6))' };
    expect((await run(files, {}, AbortSignal.abort('cancelled'))).end).toMatchObject({
      status: 'CANCELLED',
      error: 'Task.Cancelled',
    });
    expect((await run(files, {}, AbortSignal.abort('shutdown'))).end).toEqual({ status: 'SHUTDOWN' });
  });

  it('is told that its heap is out of memory', async () => {
    const code =
      'exports.handler = () => { const all = []; for (;;) all.push(Array.from({ length: 1e4 }, (_, i) => ({ i }))) }';
    expect((await run({ 'index.js': code }, { memoryMb: 100 })).end).toMatchObject({
      status: 'FAILED',
      error: 'Function.OutOfMemory',
    });
  });
});

const hasPython = spawnSync('python3', ['-c', '0']).status === 0;
const python = (code: string, options: Partial<FunctionRun> = {}) =>
  run({ 'index.py': code }, { runtime: 'python', ...options });

it('tells of an executor that has no python3', async () => {
  const { end } = await python('def handler(event, context): return 1', { environment: { PATH: '/nowhere' } });
  expect(end).toMatchObject({ status: 'FAILED', error: 'Runtime.Unavailable' });
});

const pythonSuite = () => {
  it('answers, sees its context and tells its progress', async () => {
    const code = `
def handler(event, context):
    print("hello")
    context.progress(percent=10)
    context.progress({"percent": 20, "message": "two"}, speed=2.5, etaSeconds=7)
    return {"n": event["n"] * 2, "video": context.inputs.video, "left": context.get_remaining_time_in_millis() > 1000}`;
    const { end, lines, progress } = await python(code, { inputs: { video: '/v' } });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { n: 40, video: '/v', left: true } });
    expect(lines).toEqual(['stdout: hello']);
    expect(progress).toEqual([{ percent: 10 }, { percent: 20, message: 'two', speed: 2.5, etaSeconds: 7 }]);
  });

  it.each([
    ['MyError', 'boom', 'class MyError(Exception): pass\ndef handler(event, context): raise MyError("boom")'],
    ['Runtime.ImportModuleError', 'nowhere', 'import nowhere\ndef handler(event, context): pass'],
    ['Runtime.HandlerNotFound', 'handler', 'x = 1'],
    ['SyntaxError', 'invalid syntax', 'def handler(event context): pass'],
    ['Function.InvalidResponse', 'set', 'def handler(event, context): return {1}'],
    ['Function.Exited', 'exited with 3', 'import sys\ndef handler(event, context): sys.exit(3)'],
  ])('ends in %s: %s', async (error, message, code) => {
    const { end, cause } = await python(code);
    expect(end).toMatchObject({ status: 'FAILED', error });
    expect(cause?.errorMessage).toContain(message);
  });
};

if (hasPython) describe('a python function', pythonSuite);

const command = (argv: string[], options: Partial<FunctionRun> = {}) =>
  run({}, { runtime: 'command', command: argv, ...options });

describe('a command', () => {
  it('gives its exit code and its output, as JSON if it is', async () => {
    expect((await command(['echo', '{"a":{{event.n}}}'])).end).toMatchObject({
      output: { exitCode: 0, stdout: { a: 20 } },
    });
    expect((await command(['echo', 'plain'])).end).toMatchObject({ output: { exitCode: 0, stdout: 'plain\n' } });
    const long = JSON.stringify({ text: 'x'.repeat(50_000) });
    expect((await command(['echo', '{{event}}'], { payload: JSON.parse(long) })).end).toMatchObject({
      output: { stdout: JSON.parse(long) },
    });
  });

  it('fails with what it said last when its exit code is not 0', async () => {
    const { end, cause } = await command(['sh', '-c', 'echo first >&2; echo "no such codec" >&2; exit 4']);
    expect(end).toMatchObject({ status: 'FAILED', error: 'Command.Failed', usage: { exitCode: 4 } });
    expect(cause).toMatchObject({ errorMessage: expect.stringContaining('exited with 4: no such codec'), exitCode: 4 });
  });

  it('passes hostile values as single arguments that no shell sees', async () => {
    const evil = '$(touch /tmp/owned); `id` && {{workDir}} "\' \n *';
    const print = ['node', '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--'];
    const { end } = await command([...print, '{{event.evil}}', 'name={{event.evil}}', '{{ inputs.in }}'], {
      payload: { evil },
      inputs: { in: '/in file' },
    });
    expect(end).toMatchObject({ output: { stdout: [evil, `name=${evil}`, '/in file'] } });
  });

  it.each([
    ['Command.InvalidArguments', ['echo', '{{event.missing}}'], '{{event.missing}} has no value'],
    ['Command.InvalidArguments', ['echo', '{{event.constructor.name}}'], 'has no value'],
    ['Command.InvalidArguments', ['{{event.program}}'], 'the program itself may not come from {{event.program}}'],
    ['Command.InvalidArguments', ['echo', '{{event.nul}}'], 'NUL'],
    ['Command.InvalidArguments', ['echo', '{{event.long}}'], 'an argument is longer than 131071 bytes'],
    ['Command.InvalidArguments', ['echo', ...Array.from({ length: 9 }, () => '{{event.many}}')], 'together'],
    ['Command.NotFound', ['no-such-program-here'], 'no-such-program-here'],
  ])('ends in %s for %j', async (error, argv, message) => {
    const { end, cause } = await command(argv, {
      payload: { program: 'id', nul: 'a\0b', long: 'x'.repeat(131_072), many: 'x'.repeat(130_000) },
    });
    expect(end).toMatchObject({ status: 'FAILED', error });
    expect(cause?.errorMessage).toContain(message);
  });

  it('is killed at its timeout', async () => {
    expect((await command(['sleep', '1000'], { timeoutMs: 100 })).end).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
    });
  });
});
