import { nastySuite } from '../testing/nasty-suite.js';
import { ProcessSandbox } from './index.js';

nastySuite('the process driver, with what the machine has,', () => {
  const sandbox = new ProcessSandbox();
  return { sandbox, controllers: sandbox.controllers };
});
nastySuite('the process driver without cgroups', () => {
  const sandbox = new ProcessSandbox({ cgroups: 'never' });
  return { sandbox, controllers: undefined };
});
