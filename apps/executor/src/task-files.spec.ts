import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { TaskResult } from '@app/worker-api';
import { command, foldersLeft, gateway, nodejs, resultOf, shell, until, workDir } from '../testing/executor-harness.js';

describe('an executor and the files of a task', () => {
  const input = { name: 'in', bucket: 'b', key: 'k' };
  const output = { name: 'out', bucket: 'b', key: 'made/clip.mp4' };

  it('brings inputs, and takes outputs away in parts', async () => {
    const content = Buffer.from('0123456789'.repeat(250));
    gateway.objects.set('b/k', content);
    const task = gateway.give({
      function: shell('cat "$SPOOL_INPUT_IN" "$SPOOL_INPUT_IN" > "$SPOOL_OUTPUT_OUT"'),
      inputs: [{ ...input, url: `${gateway.url}/store/b/k` }],
      outputs: [output],
    });
    const result = await resultOf(task);
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      outputs: [{ name: 'out', size: 5_000, contentType: 'video/mp4' }],
      usage: { bytesIn: 2_500, bytesOut: 5_000, eventBytes: 2, resultBytes: 26 },
    });
    const [made] = (result as Extract<TaskResult, { status: 'SUCCEEDED' }>).outputs;
    expect(made?.parts).toHaveLength(5);
    expect(gateway.complete(`${task.id}-out`, made!).equals(Buffer.concat([content, content]))).toBe(true);
  });

  it('takes an empty output as one empty part', async () => {
    const task = gateway.give({ function: shell(': > "$SPOOL_OUTPUT_OUT"'), outputs: [output] });
    expect(await resultOf(task)).toMatchObject({
      status: 'SUCCEEDED',
      outputs: [{ size: 0, parts: [{ partNumber: 1 }] }],
    });
  });

  it('tries a store again that fails, and gives up on an object that is not there', async () => {
    gateway.objects.set('b/k', Buffer.from('text'));
    let failures = 2;
    gateway.refuses = (route) => (route === 'store' && failures-- > 0 ? 503 : undefined);
    const patient = gateway.give({
      function: command('cat', '{{inputs.in}}'),
      inputs: [{ ...input, url: `${gateway.url}/store/b/k` }],
    });
    expect(await resultOf(patient)).toMatchObject({ output: { stdout: 'text' } });
    const missing = gateway.give({
      function: command('true'),
      inputs: [{ ...input, url: `${gateway.url}/store/b/none` }],
    });
    expect(await resultOf(missing)).toMatchObject({ status: 'FAILED', error: 'Input.Unavailable' });
  });

  it.each([
    ['does not write it', 'true'],
    ['makes it a link', 'ln -s /etc/hostname "$SPOOL_OUTPUT_OUT"'],
    ['makes its folder a link', 'rm -r outputs; mkdir o; echo x > o/out; ln -s o outputs'],
    ['makes it a pipe', 'mkfifo "$SPOOL_OUTPUT_OUT"'],
  ])('fails a function that promises an output and %s', async (_, script) => {
    const task = gateway.give({ function: shell(script), outputs: [output] });
    expect(await resultOf(task)).toMatchObject({ status: 'FAILED', error: 'Output.Missing' });
    expect(gateway.requests).not.toContain('uploads');
  });

  it('brings a list as a folder, and takes a folder away file by file', async () => {
    gateway.objects.set('b/x', Buffer.from('one '));
    gateway.objects.set('b/y', Buffer.from('two'));
    const task = gateway.give({
      function: shell(
        'mkdir "$SPOOL_OUTPUT_ALL" && cd "$SPOOL_OUTPUT_ALL" && mkdir v && cat "$SPOOL_INPUT_IN"/* > v/seg && echo end > list',
      ),
      inputs: ['x', 'y'].map((key, at) => ({
        name: `in/000${at}`,
        bucket: 'b',
        key,
        url: `${gateway.url}/store/b/${key}`,
      })),
      outputs: [{ name: 'all', bucket: 'b', key: 'made/' }],
    });
    const { outputs } = (await resultOf(task)) as Extract<TaskResult, { status: 'SUCCEEDED' }>;
    expect(outputs.map(({ name, size }) => [name, size])).toEqual([
      ['all/list', 4],
      ['all/v/seg', 7],
    ]);
  });

  it.each([
    ['makes no folder', 'true'],
    ['leaves the folder empty', 'mkdir -p "$SPOOL_OUTPUT_ALL"'],
    ['puts a link into it', 'mkdir -p "$SPOOL_OUTPUT_ALL"; ln -s /etc/hostname "$SPOOL_OUTPUT_ALL/x"'],
    ['makes it a link', 'ln -s /etc/security "$SPOOL_OUTPUT_ALL"'],
  ])('fails a function that promises a folder and %s', async (_, script) => {
    const task = gateway.give({ function: shell(script), outputs: [{ name: 'all', bucket: 'b', key: 'made/' }] });
    expect(await resultOf(task)).toMatchObject({ status: 'FAILED', error: 'Output.Missing' });
  });

  it('uploads nothing of a function that failed', async () => {
    const task = gateway.give({ function: shell('echo x > "$SPOOL_OUTPUT_OUT"; exit 1'), outputs: [output] });
    expect(await resultOf(task)).toMatchObject({ status: 'FAILED', error: 'Command.Failed' });
    expect(gateway.requests).not.toContain('uploads');
  });

  it('says nothing of a task that was lost to another attempt', async () => {
    gateway.refuses = (route) => (route === 'uploads' ? 409 : undefined);
    const lost = gateway.give({ function: shell('echo x > "$SPOOL_OUTPUT_OUT"'), outputs: [output] });
    await until(() => gateway.requests.includes('uploads'));
    await resultOf(gateway.give({ function: command('true') }));
    expect(gateway.taken.map(({ id }) => id)).not.toContain(lost.id);
  });

  it('removes the folder of a function that took its own rights away', async () => {
    await resultOf(gateway.give({ function: shell('mkdir -p a/b; chmod 0 a/b a') }));
    await until(() => foldersLeft().length === 0);
  });

  it('removes folders that are deeper than a path can name, and names that are no text', async () => {
    const deep =
      'n=$(printf "%0200d" 0); for i in $(seq 40); do mkdir $n && cd -P $n || exit 1; done; echo x > bottom; pwd | wc -c';
    const names = `mkdir "$(printf 'd\\377')" && echo x > "$(printf 'd\\377/f\\200')" && chmod 0 d*`;
    const result = await resultOf(gateway.give({ function: shell(`${names}; ${deep}`) }));
    // It ends before it is noticed that it hides what it writes, or by that.
    expect({ error: 'Function.DiskFull', ...result }).toMatchObject({ error: 'Function.DiskFull' });
    await until(() => foldersLeft().length === 0);
  });
});

describe('an executor and the code of a function', () => {
  it('fetches code once', async () => {
    const code = await nodejs('export const handler = () => 1');
    for (const task of [gateway.give({ function: code }), gateway.give({ function: code })])
      expect(await resultOf(task)).toMatchObject({ output: 1 });
    expect(gateway.requests.filter((route) => route === 'code')).toHaveLength(1);
  });

  it('refuses code that is not what its digest says, and fetches it again when it is', async () => {
    const code = await nodejs('export const handler = () => 1');
    const digest = code.codeDigest ?? '';
    const right = gateway.codes.get(digest)!;
    gateway.codes.set(
      digest,
      gateway.codes.get(await gateway.addCode({ 'index.mjs': 'export const handler = () => "evil"' }))!,
    );
    expect(await resultOf(gateway.give({ function: code }))).toMatchObject({
      status: 'FAILED',
      error: 'Function.CodeUnavailable',
      cause: expect.stringContaining('SHA-256'),
    });
    gateway.codes.set(digest, right);
    expect(await resultOf(gateway.give({ function: code }))).toMatchObject({ output: 1 });
    expect(readdirSync(join(workDir, 'code')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
