import base from './jest.config.mjs';

/**
 * The console in a real Chromium, against the real standalone: `npx jest -c jest.browser.config.mjs`.
 * SPOOL_CHROMIUM names the browser. It is no part of `npm test`, which needs no browser.
 */
const { globalSetup: _setup, globalTeardown: _teardown, ...shared } = base;

/** @type {import('jest').Config} */
export default {
  ...shared,
  testMatch: ['<rootDir>/test/browser/**/*.browser.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Longer than a start of Spool may take on a machine that has much else to do.
  testTimeout: 360_000,
  maxWorkers: 1,
};
