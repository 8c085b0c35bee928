import { type IsolatedSandbox, openSandbox } from '@app/sandbox';
import { expect, it } from '@jest/globals';
import { nastySuite } from '../../libs/sandbox/testing/nasty-suite.js';
import { working } from './support.js';

for (const driver of working) {
  nastySuite(`the driver ${driver}`, async () => {
    const sandbox = (await openSandbox({ driver })).sandbox as IsolatedSandbox;
    return { sandbox, controllers: sandbox.controllers };
  });
  nastySuite(`the driver ${driver} without cgroups`, async () => {
    const { sandbox } = await openSandbox({ driver, cgroups: 'never' });
    return { sandbox, controllers: undefined };
  });
}

it('is let loose in every driver that works here, and the best of them is the one that is taken', async () => {
  const { sandbox } = await openSandbox({ driver: 'auto' });
  expect(sandbox.driver).toBe(working[0] ?? 'process');
  await sandbox.close();
});
