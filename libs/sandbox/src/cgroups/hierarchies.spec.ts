import { describe, expect, it } from '@jest/globals';
import { mountOfMixedV2, parseHierarchies } from './hierarchies.js';

const V2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
const HYBRID = [
  '24 23 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
  '25 24 0:23 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory',
  '26 24 0:24 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '27 24 0:25 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
  '28 24 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
].join('\n');
const HYBRID_OWN = '9:name=systemd:/\n4:memory:/jobs/7\n2:cpu,cpuacct:/\n0::/\n';

describe('the hierarchies of a machine', () => {
  it('are one with v2, and we are in a folder of it', () => {
    expect(parseHierarchies(V2, '0::/system.slice/spool.service\n')).toEqual([
      { version: 2, controllers: [], dir: '/sys/fs/cgroup/system.slice/spool.service', mountPoint: '/sys/fs/cgroup' },
    ]);
  });

  it('are many with v1 and hybrid, each with a place of its own', () => {
    expect(
      parseHierarchies(HYBRID, HYBRID_OWN).map(({ version, controllers, dir }) => [version, controllers.join(), dir]),
    ).toEqual([
      [1, 'memory', '/sys/fs/cgroup/memory/jobs/7'],
      [1, 'cpu,cpuacct', '/sys/fs/cgroup/cpu,cpuacct'],
      [1, 'name=systemd', '/sys/fs/cgroup/systemd'],
      [2, '', '/sys/fs/cgroup/unified'],
    ]);
  });

  it('begin in a container where its part of the tree is mounted', () => {
    const mounted = '41 30 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n';
    expect(parseHierarchies(mounted, '0::/docker/abc/inner\n')).toEqual([
      { version: 2, controllers: [], dir: '/sys/fs/cgroup/inner', mountPoint: '/sys/fs/cgroup' },
    ]);
    expect(parseHierarchies(mounted, '0::/elsewhere\n')).toEqual([
      { version: 2, controllers: [], dir: '/sys/fs/cgroup', mountPoint: '/sys/fs/cgroup' },
    ]);
  });

  it('are a mixture only where both versions are mounted', () => {
    expect(mountOfMixedV2(parseHierarchies(HYBRID, HYBRID_OWN))).toBe('/sys/fs/cgroup/unified');
    expect(mountOfMixedV2(parseHierarchies(V2, '0::/'))).toBeUndefined();
  });

  it('are none where there are none', () => {
    expect(parseHierarchies('', '')).toEqual([]);
    expect(parseHierarchies('1 0 8:1 / / rw - ext4 /dev/root rw', '0::/')).toEqual([]);
  });
});
