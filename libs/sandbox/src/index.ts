export * from './lines.js';
export * from './process.sandbox.js';
export * from './processes/owner.js';
export * from './sandbox.js';
export * from './sandbox.errors.js';
export * from './supervise.js';
