import config from './jest.config.mjs';

/**
 * Suites against real foreign servers, which they fetch and start themselves. What cannot be set up fails.
 * @type {import('jest').Config}
 */
export default {
  ...config,
  testMatch: ['<rootDir>/test/real/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/real/support/global-setup.mjs',
  testTimeout: 120_000,
  maxWorkers: 1,
};
