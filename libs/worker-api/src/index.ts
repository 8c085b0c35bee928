export * from './instances.js';
export * from './schemas.js';
