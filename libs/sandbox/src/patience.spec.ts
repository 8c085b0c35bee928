import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { patience } from './patience.js';

it('patience outlasts a machine that stood still for longer, and sees what has come meanwhile', async () => {
  const news = turn().then(() => 'news');
  const over = patience(20).then(() => 'over');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  expect(await Promise.race([over, news])).toBe('news');
  expect(await over).toBe('over');
});
