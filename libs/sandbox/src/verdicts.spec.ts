import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprintOf, Verdicts } from './verdicts.js';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-verdicts-'));
  file = join(dir, 'deep/verdicts.json');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('verdicts', () => {
  it('are kept, for another process too', () => {
    expect(new Verdicts(file).has('a')).toBe(false);
    new Verdicts(file).add('a');
    new Verdicts(file).add('b');
    expect(['a', 'b', 'c'].map((one) => new Verdicts(file).has(one))).toEqual([true, true, false]);
  });

  it('that somebody else may have written are none', () => {
    new Verdicts(file).add('a');
    chmodSync(file, 0o666);
    expect(new Verdicts(file).has('a')).toBe(false);
  });

  it('that cannot be read are none', () => {
    new Verdicts(file).add('a');
    writeFileSync(file, '{"a"');
    expect(new Verdicts(file).has('a')).toBe(false);
    writeFileSync(file, '"a"');
    expect(new Verdicts(file).has('a')).toBe(false);
  });
});

describe('the fingerprint of a trial', () => {
  it('is another one after a boot, for another program, or with other choices', () => {
    const program = join(dir, 'runtime');
    writeFileSync(program, 'one');
    const candidate = { driver: 'oci', program };
    const first = fingerprintOf(candidate, { network: 'none' }, 'boot 1');
    const all = new Set([
      first,
      fingerprintOf(candidate, { network: 'none' }, 'boot 2'),
      fingerprintOf(candidate, { network: 'host' }, 'boot 1'),
      fingerprintOf({ ...candidate, driver: 'bubblewrap' }, { network: 'none' }, 'boot 1'),
    ]);
    expect(fingerprintOf(candidate, { network: 'none' }, 'boot 1')).toBe(first);
    utimesSync(program, 1, 1);
    all.add(fingerprintOf(candidate, { network: 'none' }, 'boot 1'));
    writeFileSync(program, 'three');
    all.add(fingerprintOf(candidate, { network: 'none' }, 'boot 1'));
    expect(all.size).toBe(6);
  });

  it('is none where nobody knows which boot it is', () => {
    expect(fingerprintOf({ driver: 'oci', program: file }, {}, '')).toBeUndefined();
  });
});
