import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Standalone } from '../support/standalone.js';

const MAIN = join(process.cwd(), 'dist/cli/src/main.js');
const folder = mkdtempSync(join(tmpdir(), 'spool-cli-'));

let standalone: Standalone;
beforeAll(async () => {
  standalone = await Standalone.start();
});
afterAll(async () => {
  await standalone?.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly problem: string;
}

/** As a person would call it in a folder where a Spool was started. */
async function spool(args: readonly string[], { input = '', env = {} } = {}): Promise<Ended> {
  const found = { PATH: process.env['PATH'], SPOOL_DATA_DIR: standalone.dataDir };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...found, ...env } });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, problem };
}

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('spool', () => {
  it('deploys a folder as a function, with files in folders below it, once for the same content', async () => {
    write('greet/function.json', { name: 'greet', runtime: 'nodejs' });
    write(
      'greet/index.js',
      "const { word } = require('./lib/word.js');\nexports.handler = async ({ name }) => (console.log('asked for', name), `${word} ${name}`);",
    );
    write('greet/lib/word.js', "exports.word = 'Hello';");
    expect(await spool(['functions', 'deploy', 'greet'])).toMatchObject({ code: 0, out: 'greet:1\n' });
    expect(await spool(['functions', 'deploy', 'greet'])).toMatchObject({ code: 0, out: 'greet:1\n' });
    const invoked = await spool(['functions', 'invoke', 'greet', '--event', '{"name":"Ada"}']);
    expect(invoked).toMatchObject({ code: 0, out: '"Hello Ada"\n' });
    const listed = await spool(['--json', 'invocations', 'list', '--function', 'greet']);
    const [{ id }] = JSON.parse(listed.out) as [{ id: string }];
    expect((await spool(['invocations', 'logs', id, '--follow'])).out).toMatch(/asked for Ada\n$/);
  });

  it('tells every problem of a workflow, and fails', async () => {
    const file = write('bad.json', { StartAt: 'Nowhere', States: { A: { Type: 'Pass' } } });
    const { code, out } = await spool(['workflows', 'validate', file]);
    expect(code).toBe(1);
    expect(out).toContain('/StartAt');
    expect(out).toContain('/States/A');
    const deployed = await spool(['workflows', 'deploy', 'bad', file]);
    expect(deployed.code).toBe(1);
    expect(deployed.problem).toContain('/definition/StartAt');
  });

  it('deploys a workflow from the standard input, starts it and follows it to its end', async () => {
    const Greet = { Type: 'Task', Resource: 'function:greet', End: true };
    const definition = JSON.stringify({ StartAt: 'Greet', States: { Greet } });
    const deployed = await spool(['workflows', 'deploy', 'greeting', '-'], { input: definition });
    expect(deployed).toMatchObject({ code: 0, out: 'greeting:1\n' });
    const input = write('input.json', { name: 'Grace' });
    const { code, out } = await spool(['workflows', 'start', 'greeting', '--input', `@${input}`, '--watch']);
    expect(code).toBe(0);
    expect(out).toMatch(/→ Greet\n✓ Greet {2}\d+\.\d s\nSUCCEEDED\n"Hello Grace"\n$/);
    expect((await spool(['executions', 'list'])).out).toMatch(/greeting:1 +SUCCEEDED/);
  });

  it('ends with 1 when what it follows fails', async () => {
    const Broken = { Type: 'Fail', Error: 'Too.Bad', Cause: 'it must' };
    const file = write('fails.json', { StartAt: 'Broken', States: { Broken } });
    await spool(['workflows', 'deploy', 'fails', file]);
    const { code, out } = await spool(['workflows', 'start', 'fails', '-w']);
    expect(code).toBe(1);
    expect(out).toContain('FAILED  Too.Bad: it must');
  });

  it('lets a failed execution go on, and begins another in its middle', async () => {
    const States = {
      Guard: { Type: 'Choice', Choices: [{ Variable: '$.ok', BooleanEquals: true, Next: 'End' }], Default: 'No' },
      No: { Type: 'Fail', Error: 'Not.Ok', Cause: 'asked for' },
      End: { Type: 'Succeed' },
    };
    const file = write('guarded.json', { StartAt: 'Guard', States });
    await spool(['workflows', 'deploy', 'guarded', file]);
    expect((await spool(['workflows', 'alias', 'guarded', 'live', '1'])).out).toBe('guarded:live\n');
    expect((await spool(['workflows', 'aliases', 'guarded'])).out).toMatch(/live +1=100/);
    const started = await spool(['workflows', 'start', 'guarded', '--alias', 'live', '-i', '{"ok":false}']);
    const id = started.out.trim();
    expect((await spool(['executions', 'watch', id])).code).toBe(1);
    expect((await spool(['executions', 'redrive', id, '--watch'])).out).toContain('FAILED  Not.Ok');
    const again = await spool(['executions', 'rerun', id, '--from', 'Guard', '--input', '{"ok":true}', '--watch']);
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/SUCCEEDED\n\{\n {2}"ok": true\n\}\n$/) });
  });

  it('tries a state without running anything, and shows each step of its data', async () => {
    const Work = { Type: 'Task', Resource: 'function:greet', InputPath: '$.who', ResultPath: '$.said', Next: 'Done' };
    const file = write('state.json', { StartAt: 'Work', States: { Work, Done: { Type: 'Succeed' } } });
    const given = ['--input', '{"who":{"name":"Ada"}}', '--result', '"Hello"'];
    const tried = await spool(['workflows', 'test-state', file, '--state', 'Work', ...given]);
    expect(tried).toMatchObject({ code: 0, out: expect.stringMatching(/afterInputPath +\{"name":"Ada"\}\n/) });
    expect(tried.out).toMatch(/SUCCEEDED\n→ Done\n\{/);
    const failed = await spool([
      'workflows',
      'test-state',
      file,
      '--state',
      'Work',
      '-i',
      '{"who":1}',
      '--error',
      'Bad',
    ]);
    expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('FAILED  Bad: ') });
  });

  it('shows map runs and their executions, and one value by itself', async () => {
    const One = { Type: 'Pass', End: true };
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'One',
      States: { One },
    };
    const Each = { Type: 'Map', ItemProcessor, End: true };
    await spool(['workflows', 'deploy', 'each', write('each.json', { StartAt: 'Each', States: { Each } })]);
    const id = (await spool(['workflows', 'start', 'each', '-i', '[1,2]'])).out.trim();
    expect((await spool(['executions', 'watch', id])).code).toBe(0);
    const listed = (await spool(['map-runs', 'list', id])).out;
    expect(listed).toMatch(/Each +SUCCEEDED +2 +2 +0 +0/);
    const mapRun = listed.split('\n')[1]?.split(' ')[0] ?? '';
    expect((await spool(['map-runs', 'show', mapRun])).out).toContain('"succeeded": 2');
    expect((await spool(['map-runs', 'executions', mapRun])).out.match(/each:1 +SUCCEEDED/g)).toHaveLength(2);
    expect((await spool(['executions', 'value', id])).out).toBe('[\n  1,\n  2\n]\n');
    expect((await spool(['executions', 'value', id, '--event', '1', '--of', 'input'])).out).toBe('[\n  1,\n  2\n]\n');
  });

  it('makes a trigger, and changes it when deployed again; publishes', async () => {
    const trigger = { name: 'told', kind: 'topic', source: { topic: 'news' }, target: { workflow: 'greeting' } };
    expect(await spool(['triggers', 'deploy', write('t.json', trigger)])).toMatchObject({ code: 0, out: 'told\n' });
    const changed = write('t.json', { ...trigger, enabled: false });
    expect(await spool(['triggers', 'deploy', changed])).toMatchObject({ code: 0 });
    expect((await spool(['triggers', 'list'])).out).toMatch(/told +topic +no/);
    expect((await spool(['triggers', 'resume', 'told'])).problem).toBe('');
    expect((await spool(['triggers', 'list'])).out).toMatch(/told +topic +yes/);
    const event = write('event.json', {
      specversion: '1.0',
      id: '0-1',
      source: '/topics/other',
      type: 'spool.topic.message',
      data: { topic: 'other' },
    });
    expect((await spool(['triggers', 'explain', 'told', event])).out).toContain('"matched": false');
    expect((await spool(['dead-letters', 'list', '--trigger', 'told'])).out).toMatch(/^ID +KIND/);
    const redriven = await spool(['dead-letters', 'redrive', '--trigger', 'told']);
    expect(redriven).toMatchObject({ code: 0, out: expect.stringContaining('"redriven": 0') });
    expect((await spool(['dead-letters', 'redrive'])).problem).toContain('Give either the id of a dead letter');
    expect((await spool(['events', 'list'])).out).toMatch(/^SOURCE +ID/);
    const headers = ['--message-key', 'k', '--header', 'from=cli'];
    expect((await spool(['topics', 'publish', 'news', '{"name":"Alan"}', ...headers])).out).toMatch(
      /^partition \d+, offset \d+\n$/,
    );
    expect((await spool(['triggers', 'place', 'told'])).out).toMatch(/PARTITION +OFFSET +END +LAG\n0 .*\nlag \d+/);
    expect((await spool(['triggers', 'reset', 'told', '0=0'])).out).toBe('told reads on from 0=0 within seconds\n');
    expect((await spool(['triggers', 'reset', 'told', 'yesterday'])).code).toBe(1);
  });

  it('makes a subscription, and changes it when deployed again', async () => {
    const wanted = { name: 'ends', types: ['spool.execution.failed'], destination: { topic: 'ends' } };
    expect(await spool(['subscriptions', 'deploy', write('s.json', wanted)])).toMatchObject({ code: 0, out: 'ends\n' });
    await spool(['subscriptions', 'deploy', write('s2.json', { ...wanted, enabled: false })]);
    expect((await spool(['subscriptions', 'list'])).out).toMatch(/ends +no +all +execution\.failed +topic ends/);
    expect((await spool(['subscriptions', 'show', 'ends'])).out).toContain('"enabled": false');
    expect((await spool(['subscriptions', 'delete', 'ends'])).problem).toBe('');
  });

  it('tries a trigger, tells when schedules fire, how complete buckets are, and how long things are kept', async () => {
    const trigger = {
      name: 'films',
      kind: 'object',
      source: { bucket: 'films', settle: { quietSeconds: 1 } },
      target: { workflow: 'greeting' },
      input: { 'name.$': '$.subject' },
    };
    const event = write('upload.json', {
      specversion: '1.0',
      id: '1',
      source: '/objects/films',
      type: 'spool.object.created',
      subject: 'a.mp4',
      data: {},
    });
    const tried = await spool(['triggers', 'test', write('films.json', trigger), event]);
    expect(JSON.parse(tried.out)).toMatchObject({ matched: true, transformed: { input: { name: 'a.mp4' } } });
    expect(await spool(['triggers', 'deploy', write('films.json', trigger)])).toMatchObject({ code: 0 });
    expect((await spool(['buckets', 'ledger'])).out).toMatch(/^BUCKET +SEEN[^\n]*\nfilms +0 +0 +0 +0 +0 +–/);
    expect(await spool(['buckets', 'sweep', 'films'])).toMatchObject({ code: 0 });
    const nightly = {
      name: 'nightly',
      kind: 'schedule',
      source: { cron: '@yearly' },
      target: { workflow: 'greeting' },
    };
    await spool(['triggers', 'deploy', write('nightly.json', nightly)]);
    expect((await spool(['schedules', 'list'])).out).toMatch(/nightly +yes +@yearly +UTC +\d{4}-01-01T00:00:00.000Z/);
    expect((await spool(['schedules', 'next', 'nightly', '-n', '2'])).out).toMatch(
      /^(\d{4}-01-01T00:00:00.000Z\n){2}$/,
    );
    const preview = ['schedules', 'preview', 'at(2030-06-01T12:00:00)', '-t', 'Europe/Berlin'];
    expect((await spool(preview)).out).toBe('2030-06-01T10:00:00.000Z\n');
    await spool(['retention', 'set', '--events', '3', '--dead-letters', 'forever']);
    expect(JSON.parse((await spool(['retention', 'show'])).out)).toMatchObject({
      events: 3,
      deadLetters: null,
      logs: 30,
    });
  });

  it('makes a bucket, lists its objects and downloads one', async () => {
    expect(await spool(['buckets', 'create', 'shelf'])).toMatchObject({ code: 0, problem: '' });
    expect((await spool(['buckets', 'list'])).out).toContain('shelf');
    await standalone.s3().send(new PutObjectCommand({ Bucket: 'shelf', Key: 'a/b.txt', Body: 'content' }));
    expect((await spool(['objects', 'list', 's3://shelf/a/'])).out).toMatch(/a\/b\.txt +7 /);
    expect((await spool(['objects', 'get', 's3://shelf/a/b.txt', '-'])).out).toBe('content');
    expect(await spool(['objects', 'get', 's3://shelf/a/b.txt'])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('content');
    expect((await spool(['objects', 'get', 's3://shelf/missing'])).code).toBe(1);
  });

  it('says in one line what is wrong with how it was called', async () => {
    const wrongs: [string[], object, RegExp][] = [
      [['status'], { SPOOL_DATA_DIR: folder }, /^No Spool was started in this folder: give --url/],
      [['--url', 'http://127.0.0.1:1', 'status'], {}, /^No API key for http:\/\/127\.0\.0\.1:1:/],
      [['--url', 'http://127.0.0.1:1', '--key', 'x', 'status'], {}, /^Nothing answers at http:\/\/127\.0\.0\.1:1/],
      [['functions', 'invoke', 'greet', '--event', '{'], {}, /^--event is not JSON: /],
      [['workflows', 'deploy', 'x', 'missing.json'], {}, /^Cannot read missing\.json/],
    ];
    for (const [args, env, problem] of wrongs) {
      const ended = await spool(args, { env });
      expect({ args, ...ended }).toMatchObject({ code: 2, problem: expect.stringMatching(problem) });
      expect(ended.problem.trim()).not.toContain('\n');
    }
    for (const args of [['executions', 'show'], ['nonsense'], ['executions', 'list', '--bad']])
      expect({ args, ...(await spool(args)) }).toMatchObject({ code: 2, problem: expect.stringContaining('error: ') });
    expect(await spool(['executions', '--help'])).toMatchObject({ code: 0, problem: '' });
    expect(await spool(['--key', 'wrong', 'status'])).toMatchObject({ code: 1, out: '' });
    expect((await spool(['executions', 'show', '../workflows'])).problem).toMatch(/must be a UUID|not valid/i);
  });
});
