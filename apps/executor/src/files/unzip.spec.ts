import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from '@jest/globals';
import yazl from 'yazl';
import { unzip } from './unzip.js';

const root = mkdtempSync(join(tmpdir(), 'spool-unzip-'));
let count = 0;
const LIMITS = { maxBytes: 10_000, maxEntries: 5 };

async function archive(files: readonly { name: string; text?: string; mode?: number }[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { name, text = 'x', mode } of files)
    zip.addBuffer(Buffer.from(text), name, mode === undefined ? {} : { mode });
  zip.end();
  return buffer(zip.outputStream as unknown as AsyncIterable<Buffer>);
}

async function unpack(bytes: Buffer) {
  const dir = mkdtempSync(join(root, `${count++}-`));
  const file = `${dir}.zip`;
  writeFileSync(file, bytes);
  await unzip(file, dir, LIMITS);
  return dir;
}

/** Another name of the same length, in the entry and in the central directory: a zip library would refuse to write it. */
const renamed = async (from: string, to: string): Promise<Buffer> =>
  Buffer.from((await archive([{ name: from }])).toString('latin1').replaceAll(from, to), 'latin1');

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('unzip', () => {
  it('unpacks files and folders, read-only, and keeps what may be run', async () => {
    const dir = await unpack(
      await archive([
        { name: 'a/b/c.txt', text: 'deep' },
        { name: 'run.sh', mode: 0o100_755 },
        { name: 'plain', mode: 0o100_666 },
      ]),
    );
    expect(readFileSync(join(dir, 'a/b/c.txt'), 'utf8')).toBe('deep');
    expect(statSync(join(dir, 'run.sh')).mode & 0o777).toBe(0o555);
    expect(statSync(join(dir, 'plain')).mode & 0o777).toBe(0o444);
  });

  it.each(['../evil', 'a/../../x', '/abs/olut', 'c:\\windows', './hidden', 'a//b'])(
    'refuses the path %s',
    async (path) => {
      await expect(unpack(await renamed('z'.repeat(path.length), path))).rejects.toThrow();
      expect(readdirSync(root).filter((name) => /evil|abs/.test(name))).toEqual([]);
    },
  );

  it('refuses links and devices', async () => {
    for (const type of [0o120_777, 0o020_666, 0o060_666, 0o010_666]) {
      await expect(unpack(await archive([{ name: 'link', text: '/etc/passwd', mode: type }]))).rejects.toThrow(
        'link is not a plain file',
      );
    }
  });

  it('refuses the same file twice', async () => {
    const twice = Buffer.from(
      (await archive([{ name: 'one' }, { name: 'two' }])).toString('latin1').replaceAll('two', 'one'),
      'latin1',
    );
    await expect(unpack(twice)).rejects.toThrow('EEXIST');
  });

  it('refuses too many files, too large ones, and ones larger than they say', async () => {
    await expect(unpack(await archive(['1', '2', '3', '4', '5', '6'].map((name) => ({ name }))))).rejects.toThrow(
      'more than 5 entries',
    );
    await expect(unpack(await archive([{ name: 'big', text: 'x'.repeat(20_000) }]))).rejects.toThrow(
      'larger than 10000 bytes',
    );
    const bomb = await archive([{ name: 'bomb', text: 'x'.repeat(20_000) }]);
    for (let at = bomb.indexOf(le32(20_000)); at >= 0; at = bomb.indexOf(le32(20_000), at + 1))
      le32(100).copy(bomb, at);
    await expect(unpack(bomb)).rejects.toThrow('too many bytes');
  });

  it('refuses what is no archive', async () => {
    await expect(unpack(Buffer.from('not a zip'))).rejects.toThrow();
  });
});

function le32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
