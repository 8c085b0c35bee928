import { readGlob } from './glob.js';
import { changeOf } from './object-notification.js';
import { OBJECT_CREATED, OBJECT_REMOVED } from './object-event.js';
import type { ObjectSource } from './object-source.js';
import type { Leaf, Rule, Scalar } from './pattern/event-pattern.js';
import { endsWith, exact, startsWith } from './pattern/rules.js';
import { markerEnd } from './settle.js';

const TYPES = { created: OBJECT_CREATED, removed: OBJECT_REMOVED } as const;
/** What only the store knows, and notifications say sometimes. */
export const FACTS = ['size', 'contentType', 'metadata'] as const;
export type Fact = (typeof FACTS)[number];

/** A sweep knows that an object was made, and not how. */
export const LISTED = 'ObjectCreated:Listed';

/** What the source of an object trigger says, in the terms of event patterns. */
export function objectConditions(source: ObjectSource): Leaf[] {
  const { bucket, events, prefix, suffix, keys, exclude, size, contentType, metadata, settle } = source;
  const end = settle && 'marker' in settle ? markerEnd(settle.marker) : undefined;
  return [
    leaf('bucket', ['source'], [exact(`/objects/${bucket}`)]),
    ...typeConditions(events),
    ...(prefix
      ? [
          leaf(
            'prefix',
            ['subject'],
            all(prefix).map((one) => startsWith({ prefix: one }, one)),
          ),
        ]
      : []),
    ...(suffix
      ? [
          leaf(
            'suffix',
            ['subject'],
            all(suffix).map((one) => endsWith({ suffix: one }, one)),
          ),
        ]
      : []),
    ...(keys ? [leaf('keys', ['subject'], keys.map(globRule))] : []),
    ...(exclude ? [leaf('exclude', ['subject'], [noneOf(exclude)])] : []),
    ...(end
      ? [
          leaf(
            'settle/marker',
            ['subject'],
            [{ written: { 'anything-but': { suffix: end } }, test: text((key) => !key.endsWith(end)) }],
          ),
        ]
      : []),
    ...(size ? [leaf('size', ['data', 'size'], [sizeRule(size)])] : []),
    ...(contentType ? [leaf('contentType', ['data', 'contentType'], all(contentType).map(mediaTypeRule))] : []),
    ...Object.entries(metadata ?? {}).map(([name, values]) =>
      leaf(`metadata/${name}`, ['data', 'metadata', name], all(values).map(exact)),
    ),
  ];
}

/** Which of the facts the trigger asks for, in its source or in its pattern. */
export function factsAskedFor({ source, pattern }: { source: ObjectSource; pattern?: unknown }): Fact[] {
  const written = JSON.stringify(pattern) ?? '';
  return FACTS.filter((fact) => source[fact] !== undefined || written.includes(`"${fact}"`));
}

/** The kind of change is in the event's type; of one that is named more closely, also how it was made. */
function typeConditions(events: readonly string[]): Leaf[] {
  const changes = [...new Set(events.map((event) => (event in TYPES ? event : changeOf(event)) as keyof typeof TYPES))];
  const types: Leaf = {
    pointer: '/source/events',
    path: ['type'],
    rules: changes.map((change) => exact(TYPES[change])),
  };
  if (events.every((event) => event in TYPES)) return [types];
  const rules = [...events.flatMap(nameRules), ...(changes.includes('created') ? [exact(LISTED)] : [])];
  return [types, { pointer: '/source/events', path: ['data', 'eventName'], rules }];
}

function nameRules(event: string): Rule[] {
  if (event === 'created') return [startsWith(event, 'ObjectCreated:')];
  if (event === 'removed')
    return ['ObjectRemoved:', 'LifecycleExpiration:', 'ObjectLifecycle:'].map((prefix) => startsWith(event, prefix));
  return event.endsWith('*') ? [startsWith(event, event.slice(0, -1))] : [exact(event)];
}

function globRule(written: string): Rule {
  const glob = readGlob(written);
  if (typeof glob === 'string') return { written, test: () => false };
  const { test, prefix, suffix } = glob;
  const anchor = prefix.length >= suffix.length ? { kind: 'prefix', value: prefix } : { kind: 'suffix', value: suffix };
  return {
    written,
    test: (key) => typeof key === 'string' && test(key),
    ...(anchor.value && { anchor: anchor as NonNullable<Rule['anchor']> }),
  };
}

function noneOf(globs: readonly string[]): Rule {
  const rules = globs.map(globRule);
  return {
    written: { 'anything-but': globs },
    test: (key) => typeof key === 'string' && !rules.some(({ test }) => test(key)),
  };
}

function sizeRule(written: { min?: number | undefined; max?: number | undefined }): Rule {
  const { min = 0, max = Infinity } = written;
  return { written, test: (size) => typeof size === 'number' && size >= min && size <= max };
}

/** Parameters such as `; charset=…` are not looked at. */
function mediaTypeRule(written: string): Rule {
  const wanted = written.toLowerCase();
  const isRange = wanted.endsWith('/*');
  return {
    written,
    test: (type) =>
      typeof type === 'string' && (isRange ? bare(type).startsWith(wanted.slice(0, -1)) : bare(type) === wanted),
  };
}

const text = (test: (value: string) => boolean) => (value: Scalar) => typeof value === 'string' && test(value);
const leaf = (name: string, path: readonly string[], rules: readonly Rule[]): Leaf => ({
  pointer: `/source/${name}`,
  path,
  rules,
});
const bare = (type: string) => type.split(';')[0]?.trim().toLowerCase() ?? '';

const all = <One>(oneOrMore: One | readonly One[]): readonly One[] =>
  Array.isArray(oneOrMore) ? (oneOrMore as readonly One[]) : [oneOrMore as One];
