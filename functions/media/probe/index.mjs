import { fileOf, parametersOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';

export async function handler(event, context) {
  parametersOf(event, import.meta.url);
  return probe(fileOf(context.inputs, 'source', 'source'));
}
