import config from './jest.config.mjs';
import { workingDrivers } from './test/sandbox/working-drivers.mjs';

/** The specs take the list from here. Of a driver that does not work they check that it is not taken. */
const working = await workingDrivers();
process.env.SPOOL_TEST_DRIVERS = working.join();
/** What `npm test` runs with the driver `process` runs here with the best one. */
process.env.SPOOL_SANDBOX ??= working[0] ?? 'process';

/**
 * Suites that need crun and bubblewrap.
 * @type {import('jest').Config}
 */
export default {
  ...config,
  testMatch: [
    '<rootDir>/test/sandbox/**/*.spec.ts',
    '<rootDir>/apps/executor/src/*.spec.ts',
    '<rootDir>/test/chaos/runaway.chaos.spec.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/'],
};
