import { describe, expect, it } from '@jest/globals';
import { newFunction } from './function-config.js';

const problems = (wanted: object) =>
  newFunction
    .safeParse({ name: 'f', ...wanted })
    .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
const code = { runtime: 'nodejs', files: { 'index.mjs': 'export const handler = () => 1' } };

describe('what a function may ask of its sandbox', () => {
  it('is a stall time, if it can tell progress', () => {
    expect(problems({ ...code, stallSeconds: 30 })).toEqual([]);
    expect(problems({ runtime: 'command', command: ['true'], stallSeconds: 30 })).toEqual([
      'stallSeconds is only for functions that tell progress: nodejs, python and provided',
    ]);
  });

  it('is a network that there is', () => {
    for (const network of ['none', 'loopback', 'host']) expect(problems({ ...code, network })).toEqual([]);
    expect(problems({ ...code, network: 'internet' })).toEqual(['network must be one of none, loopback, host']);
  });

  it("is an instance for several invocations, if nothing of it would be one invocation's", () => {
    const several = { ...code, instanceConcurrency: 20 };
    expect(problems(several)).toEqual([]);
    expect(problems({ ...several, instanceConcurrency: 1, inputs: { film: '$.film' } })).toEqual([]);
    expect(problems({ ...several, inputs: { film: '$.film' } })).toEqual([
      'instanceConcurrency must be 1 with inputs or outputs: invocations of one instance share its working folder',
    ]);
    expect(problems({ ...several, gpus: 1 })).toEqual([
      'instanceConcurrency must be 1 with gpus, preferGpu, encoderSessions or diskMb: these are held by one invocation',
    ]);
    expect(problems({ runtime: 'command', command: ['true'], instanceConcurrency: 2 })).toEqual([
      'instanceConcurrency is only for the runtimes nodejs, python and provided: a command is one invocation',
    ]);
    expect(problems({ ...code, instanceConcurrency: 201 })).toHaveLength(1);
  });
});
