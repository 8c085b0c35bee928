import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { V2Peak } from './v2-peak.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-peak-'));
  say('memory.peak', 500);
  say('memory.current', 100);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string) => join(dir, name);
const say = (name: string, bytes: number) => writeFileSync(file(name), `${bytes}\n`);
const refusing = () => {
  throw new Error('EACCES');
};

describe('the peak of memory on cgroup v2', () => {
  it('is that of the group until it is reset', () => {
    expect(new V2Peak(file).read()).toBe(500);
  });

  it('is read through the descriptor by which it was reset', () => {
    const peak = new V2Peak(file);
    peak.reset();
    expect(peak.read()).toBe(0); // Of a plain file: what was written, and what the kernel makes of it.
    say('memory.peak', 70);
    expect(peak.read()).toBe(70);
    peak.close();
  });

  it('is the most that was seen, where the kernel cannot reset it', () => {
    const peak = new V2Peak(file, refusing);
    peak.reset();
    say('memory.current', 300);
    peak.glance();
    say('memory.current', 200);
    expect(peak.read()).toBe(300);
    peak.reset();
    expect(peak.read()).toBe(200);
  });

  it('is exact there, too, once it rises above all before', () => {
    const peak = new V2Peak(file, refusing);
    peak.reset();
    say('memory.peak', 900);
    expect(peak.read()).toBe(900);
  });

  it('is unknown without the controller', () => {
    const none = new V2Peak(() => undefined);
    none.reset();
    expect(none.read()).toBeUndefined();
  });
});
