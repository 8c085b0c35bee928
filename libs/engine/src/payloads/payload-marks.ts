import type { ValueRef } from '@app/queue';
import { type Json, MAX_DATA_BYTES, measure } from '@app/workflow';

/** As JSON, in bytes. AWS's limit for a value in a state: what is larger is kept in the object store. */
export const MAX_INLINE_BYTES = MAX_DATA_BYTES;
/** Large texts that are remembered, in characters: a text is no object, and would never be forgotten. */
const MAX_TEXT_CHARACTERS = 32 * 1024 * 1024;

export interface Mark {
  readonly ref: ValueRef;
  /** When the object was last known to stay for a day, on the clock of `performance.now()`. */
  readonly touchedAt: number;
}

const objects = new WeakMap<object, Mark>();
const texts = new Map<string, Mark>();
let textCharacters = 0;

/**
 * Where values are in the object store that this process has put there, or got from there. It is known by the value's
 * identity, which is enough: the interpreter never changes a value, and passes on what it does not make anew.
 */
export function markOf(value: Json): Mark | undefined {
  if (typeof value === 'string') return value.length > SMALL_TEXT ? texts.get(value) : undefined;
  return typeof value === 'object' && value !== null ? objects.get(value) : undefined;
}

export function mark(value: Json, given: Mark): void {
  if (typeof value === 'object' && value !== null) objects.set(value, given);
  if (typeof value !== 'string') return;
  if (!texts.has(value)) textCharacters += value.length;
  texts.set(value, given);
  for (const [oldest] of texts) {
    if (textCharacters <= MAX_TEXT_CHARACTERS || oldest === value) break;
    texts.delete(oldest);
    textCharacters -= oldest.length;
  }
}

/** A character is at most six bytes of JSON, and at least one. */
const SMALL_TEXT = MAX_INLINE_BYTES / 6;

/** Measured before, as a value goes from state to state unchanged. */
const small = new WeakSet<object>();

export function isLarge(value: Json | undefined): value is Json {
  if (typeof value === 'string' && value.length < SMALL_TEXT) return false;
  if (value === undefined || (typeof value !== 'object' && typeof value !== 'string') || value === null) return false;
  if (typeof value === 'object' && small.has(value)) return false;
  const isTooLarge = measure(value, MAX_INLINE_BYTES).bytes > MAX_INLINE_BYTES;
  if (!isTooLarge && typeof value === 'object') small.add(value);
  return isTooLarge;
}

/** Of a large value in the store; undefined for one that goes into the row. */
export function refOf(value: Json | undefined, namespace: string): ValueRef | undefined {
  const ref = value === undefined ? undefined : markOf(value)?.ref;
  return ref && isOf(ref, namespace) ? ref : undefined;
}

export const keyOf = (namespace: string, digest: string, id: string): string =>
  `${PREFIX}${namespace}/${digest}/${id}.json`;
export const PREFIX = 'payloads/';

export const isOf = ({ key }: ValueRef, namespace: string): boolean => key.startsWith(`${PREFIX}${namespace}/`);
export const digestOf = ({ key }: ValueRef): string => key.split('/').at(-2) ?? '';

export type Refs<Name extends string> = Readonly<Partial<Record<Name, ValueRef>>>;

/** The values for a row, null where one is in the store, and where it is then. */
export function split<Name extends string>(
  namespace: string,
  values: Readonly<Partial<Record<Name, Json | undefined>>>,
): { readonly values: Partial<Record<Name, Json | undefined>>; readonly refs: Refs<Name> | undefined } {
  let refs: Record<string, ValueRef> | undefined;
  const inline: Partial<Record<Name, Json | undefined>> = { ...values };
  for (const name of Object.keys(values) as Name[]) {
    const ref = refOf(values[name], namespace);
    if (!ref) continue;
    refs = { ...refs, [name]: ref };
    inline[name] = undefined;
  }
  return { values: inline, refs: refs as Refs<Name> | undefined };
}
