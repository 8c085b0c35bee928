import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCdi, readCdi } from './cdi.js';
import { attachedOf } from './nvidia-gpus.js';

const gpu = { index: '0', uuid: 'GPU-1', model: 'm', memoryMb: 1 };
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-cdi-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** A folder of specifications. */
function folder(name: string, files: Record<string, string>): string {
  const path = join(dir, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}
const specification = (change: object = {}, device: object = {}) =>
  JSON.stringify({
    cdiVersion: '0.6.0',
    kind: 'nvidia.com/gpu',
    devices: [{ name: 'GPU-1', containerEdits: { deviceNodes: [{ path: '/dev/null' }], ...device } }],
    ...change,
  });
const nodes = async (...folders: string[]) => attachedOf([gpu], (await findCdi(folders)).devices).devices;

describe('a specification of nvidia-ctk', () => {
  it('in YAML gives a task the nodes of its device and those that all need, as far as they are there', async () => {
    const path = folder('ctk', {});
    cpSync('apps/executor/testing/cdi/nvidia.yaml', join(path, 'nvidia.yaml'));
    const { devices, notes } = await findCdi([path]);
    const attached = attachedOf([gpu], devices);
    expect(attached.devices).toEqual([
      { source: '/dev/full', target: '/dev/nvidia0' },
      { source: '/dev/null', target: '/dev/null' },
      { source: '/dev/zero', target: '/dev/zero' },
    ]);
    expect(attached.mounts).toContainEqual({ source: '/etc/hostname', target: '/run/driver/hostname' });
    expect(attached.env).toEqual({ NVIDIA_VISIBLE_DEVICES: 'void' });
    expect(notes).toEqual(["CDI: hooks are not run (createContainer): the machine's own libraries are shown"]);
  });

  it('in JSON is read as well, and names devices by their UUIDs', async () => {
    expect(await nodes(folder('json', { 'nvidia.json': specification() }))).toEqual([
      { source: '/dev/null', target: '/dev/null' },
    ]);
  });

  it('in a later folder goes before that of an earlier one', async () => {
    const earlier = folder('earlier', { 'a.json': specification() });
    const other = specification({}, { deviceNodes: [{ path: '/dev/zero' }] });
    expect(await nodes(earlier, folder('later', { 'a.json': other }))).toEqual([
      { source: '/dev/zero', target: '/dev/zero' },
    ]);
  });
});

describe('what is not a specification that can be followed', () => {
  it.each([
    ['is of a later version', specification({ cdiVersion: '2.0.0' }), 'cdiVersion is none of 0.3 to 1.1'],
    ['shows a node that is none', specification({}, { deviceNodes: [{ path: '/etc/shadow' }] }), 'must be below /dev'],
    [
      'goes out of /dev',
      specification({}, { deviceNodes: [{ path: '/dev/../etc/shadow' }] }),
      'must be an absolute path',
    ],
    ['is broken', '{', 'left out'],
  ])('is left out, and the log says why: one that %s', async (what, text, why) => {
    const { devices, notes } = await findCdi([folder(what.replaceAll('/', '-'), { 'nvidia.json': text })]);
    expect([...devices.keys()]).toEqual([]);
    expect(notes.join()).toContain(why);
  });

  it('is passed over if it is of other devices', () => {
    expect(readCdi('kind: vendor.com/net\ndevices: []')).toBeUndefined();
  });

  it('is told of where it asks for what is not done here', () => {
    expect(readCdi(specification({ containerEdits: { additionalGids: [44], intelRdt: {} } }))?.notes).toEqual([
      'CDI: additionalGids is not honoured',
      'CDI: intelRdt is not honoured',
    ]);
  });
});

describe('without a specification', () => {
  it("a device has NVIDIA's own nodes, as far as they are there, and who has none gets none", () => {
    expect(attachedOf([{ ...gpu, index: '63' }], new Map()).devices.map(({ target }) => target)).not.toContain(
      '/dev/nvidia63',
    );
    expect(attachedOf([], new Map())).toEqual({ devices: [], mounts: [], env: {} });
  });
});
