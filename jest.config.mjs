import { readFileSync } from 'node:fs';

const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8'));
const aliases = Object.entries(compilerOptions.paths).map(([name, [file]]) => [
  `^${name}$`,
  file.replace('./', '<rootDir>/'),
]);

/**
 * Everything, ES modules of node_modules included, is compiled to CommonJS: Jest's ESM mode leaks about
 * 18 MB per spec file on Node 20, and require(esm) needs Node 24.
 * @type {import('jest').Config}
 */
export default {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{apps,cli,console,libs,functions,test}/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(real|browser|bench|sandbox)/'],
  transform: { '^.+\\.[cm]?[jt]sx?$': '<rootDir>/tools/jest-transform.cjs' },
  transformIgnorePatterns: [],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1'], ...Object.fromEntries(aliases) },
  resolver: '<rootDir>/tools/jest-resolver.cjs',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  // Only what hangs may end by it: machines are shared, and slow at times.
  testTimeout: 180_000,
  workerIdleMemoryLimit: '1GB',
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/tools/jest-summary-reporter.cjs'],
};
