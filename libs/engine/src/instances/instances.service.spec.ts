import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Instance } from '@app/worker-api';
import { InstancesService } from './instances.service.js';

const one = (facts: Partial<Instance>): Instance => ({
  id: randomUUID(),
  namespace: 'default',
  function: 'f',
  version: 1,
  versionId: 'v1',
  runtime: 'nodejs',
  state: 'idle',
  ageMs: 1,
  requests: 1,
  memoryMb: 128,
  tasks: [],
  ...facts,
});

describe('InstancesService', () => {
  it('knows which versions wait where', () => {
    const service = new InstancesService();
    service.report('a', [one({}), one({ versionId: 'v2', state: 'busy' })]);
    service.report('b', [one({ versionId: 'v2' })]);
    expect(service.warmVersions('a')).toEqual(new Set(['v1']));
    expect(service.executorsWith('v2', 'default')).toEqual(['b']);
  });

  it('takes an instance of another namespace for none of ours', () => {
    const service = new InstancesService();
    service.report('a', [one({ namespace: 'other' })]);
    expect(service.warmVersions('a', 'default').size).toBe(0);
    expect(service.warmVersions('a').size).toBe(1);
  });

  it('believes what was said before where nothing is said', () => {
    const service = new InstancesService();
    service.report('a', [one({})]);
    service.report('a', undefined);
    expect(service.warmVersions('a').size).toBe(1);
    service.report('a', []);
    expect(service.warmVersions('a').size).toBe(0);
  });
});
