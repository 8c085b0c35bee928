import type { Json } from '../model.js';

/** In AWS's words; the input may be large. */
export const notFound = (input: Json): string =>
  `could not be found in the input '${JSON.stringify(input).slice(0, 10_000)}'`;

/** AWS writes a path into the context object as one into an input. */
export const pathShown = (path: string): string => (path.startsWith('$$') ? path.slice(1) : path);
