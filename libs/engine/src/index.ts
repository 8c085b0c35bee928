export * from './catalogue/entities.js';
