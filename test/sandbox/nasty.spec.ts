import { type IsolatedSandbox, openSandbox } from '@app/sandbox';
import { nastySuite } from '../../libs/sandbox/testing/nasty-suite.js';

for (const driver of ['oci', 'bubblewrap'] as const) {
  nastySuite(`the driver ${driver}`, async () => {
    const sandbox = (await openSandbox({ driver })).sandbox as IsolatedSandbox;
    return { sandbox, controllers: sandbox.controllers };
  });
  nastySuite(`the driver ${driver} without cgroups`, async () => {
    const { sandbox } = await openSandbox({ driver, cgroups: 'never' });
    return { sandbox, controllers: undefined };
  });
}
