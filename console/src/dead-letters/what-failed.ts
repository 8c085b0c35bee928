import type { DeadLetter, Json } from '../api/types.js';

/** A dead letter in some words. Its payload is another for each kind, and left out of lists where it is large. */
export function whatFailed({ kind, payload }: Pick<DeadLetter, 'kind' | 'payload'>): string {
  if (kind === 'event') return ['event of trigger', named(payload, 'trigger')].filter(Boolean).join(' ');
  if (kind === 'invocation') return ['invocation of', named(payload, 'function') ?? 'a function'].join(' ');
  if (kind === 'destination') return ['telling', destination(payload) ?? 'a destination'].join(' ');
  return kind;
}

const fields = (value: Json | undefined): { readonly [name: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

function named(payload: Json, name: string): string | undefined {
  const found = fields(payload)[name];
  return typeof found === 'string' ? found : undefined;
}

function destination(payload: Json): string | undefined {
  const [first] = Object.entries(fields(fields(payload).target));
  return first && `${first[0]} ${String(first[1])}`;
}
