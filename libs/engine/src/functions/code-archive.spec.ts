import { describe, expect, it } from '@jest/globals';
import yazl from 'yazl';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { sha256 } from '../catalogue/digest.js';
import { inspectArchive, packFiles } from './code-archive.js';

type Entry = { path: string; data?: Buffer; mode?: number };

async function zipOf(entries: Entry[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { path, data = Buffer.from('x'), mode = 0o100_644 } of entries) zip.addBuffer(data, path, { mode });
  zip.end();
  return buffer(zip.outputStream as Readable);
}

/** yazl makes no bad names; the bytes of a good one are changed to those of a bad one of the same length. */
const renamed = (zip: Buffer, from: string, to: string) =>
  Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1');

/** In the central directory's last entry, which is what an unpacker believes. */
const sayUnpackedSize = (zip: Buffer, bytes: number) =>
  zip.writeUInt32LE(bytes, zip.lastIndexOf(Buffer.from('504b0102', 'hex')) + 24);

const problem = (message: RegExp) => ({ issues: [{ pointer: '/zip', message: expect.stringMatching(message) }] });

describe('packFiles', () => {
  it('gives the same bytes for the same files, in whatever order and whenever', async () => {
    const one = await packFiles({ 'a.js': '1', 'lib/b.js': '2' });
    const two = await packFiles({ 'lib/b.js': '2', 'a.js': '1' });
    expect(two.equals(one)).toBe(true);
    // Changes only with the format: then every deployed function would get a new version.
    expect(sha256(one)).toBe('5bc24ea0f81b31735d3bc3e1bd93b400f3e7293d40277f1e1a02a1b834aa3170');
  });

  it('makes what names its interpreter runnable', async () => {
    const zip = await packFiles({ 'run.sh': '#!/bin/sh\n', 'a.js': '' });
    expect(zip.toString('latin1')).toContain('#!/bin/sh');
    expect(await inspectArchive(zip)).toEqual(['a.js', 'run.sh']);
  });
});

describe('inspectArchive', () => {
  it('gives the paths of a good archive', async () => {
    expect(await inspectArchive(await zipOf([{ path: 'index.js' }, { path: 'lib/a.js' }]))).toEqual([
      'index.js',
      'lib/a.js',
    ]);
  });

  it.each([
    ['a path out of its folder', 'xx/evil.js', '../evil.js'],
    ['a path out of its folder in the middle', 'lib/xx/../.js', 'lib/../../.js'],
    ['an absolute path', 'xevil.js', '/evil.js'],
    ['a path of Windows', 'xx_evil.js', '..\\evil.js'],
    ['a drive', 'Cx/evil.js', 'C:/evil.js'],
  ])('refuses %s', async (_what, from, to) => {
    const zip = renamed(await zipOf([{ path: from.replace('/..', '/__') }]), from.replace('/..', '/__'), to);
    await expect(inspectArchive(zip)).rejects.toMatchObject(problem(/relative path|invalid|absolute/));
  });

  it('refuses links and devices', async () => {
    const link = await zipOf([{ path: 'link', data: Buffer.from('/etc/passwd'), mode: 0o120_777 }]);
    await expect(inspectArchive(link)).rejects.toMatchObject(problem(/link or a device/));
    const device = await zipOf([{ path: 'null', mode: 0o020_666 }]);
    await expect(inspectArchive(device)).rejects.toMatchObject(problem(/link or a device/));
  });

  it('refuses one path twice, and a file where another needs a folder', async () => {
    await expect(inspectArchive(await zipOf([{ path: 'a' }, { path: 'a' }]))).rejects.toMatchObject(problem(/a twice/));
    await expect(inspectArchive(await zipOf([{ path: 'a' }, { path: 'a/b' }]))).rejects.toMatchObject(
      problem(/folder of/),
    );
  });

  it('refuses too many entries', async () => {
    const zip = await zipOf([{ path: 'a' }]);
    const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
    zip.writeUInt16LE(10_001, end + 8);
    zip.writeUInt16LE(10_001, end + 10);
    await expect(inspectArchive(zip)).rejects.toMatchObject(problem(/10001 entries/));
  });

  it('refuses what unpacks to more than 250 MB, however small it is', async () => {
    const bomb = await zipOf([{ path: 'a', data: Buffer.alloc(100_000) }]);
    sayUnpackedSize(bomb, 251 * 1024 * 1024);
    await expect(inspectArchive(bomb)).rejects.toMatchObject(problem(/250 MB/));
  });

  it('refuses an entry that is larger than it says', async () => {
    const zip = await zipOf([{ path: 'liar', data: Buffer.alloc(100_000, 'a') }]);
    sayUnpackedSize(zip, 10);
    await expect(inspectArchive(zip)).rejects.toMatchObject(problem(/cannot be read/));
  });

  it('refuses what is no archive, or one that is cut off', async () => {
    await expect(inspectArchive(Buffer.from('hello'))).rejects.toMatchObject(problem(/not a zip archive/));
    const zip = await zipOf([{ path: 'a' }]);
    await expect(inspectArchive(zip.subarray(0, zip.length - 4))).rejects.toMatchObject(problem(/not a zip archive/));
  });
});
