import config from './jest.config.mjs';

/** What `npm test` runs with the driver `process` runs here with this one. */
process.env.SPOOL_SANDBOX ??= 'oci';

/**
 * Suites that need crun and bubblewrap. What cannot be set up fails.
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
