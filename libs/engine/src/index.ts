export * from './catalogue/entities.js';

// The catalogue.
export * from './api-keys/api-keys.errors.js';
export * from './api-keys/api-keys.module.js';
export * from './api-keys/api-keys.service.js';
export * from './namespaces/namespaces.js';
