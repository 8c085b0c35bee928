import type { Json, LargeValue } from '../api/types.js';

/** Details of an event that stand in place of large values: `inputDetails`, `outputDetails` and so on. */
export function largeValuesIn(details: { readonly [name: string]: Json }): [name: string, value: LargeValue][] {
  return Object.entries(details).flatMap(([name, value]) => (isLargeValue(value) ? [[name, value]] : []));
}

const isLargeValue = (value: Json): value is LargeValue & { [key: string]: Json } =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  value['truncated'] === true &&
  typeof value['href'] === 'string';
