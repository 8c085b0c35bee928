import { explainMatch, objectEvent, type ObjectSource } from '@app/events';
import { UNKNOWN } from './unknown.js';

/** An object that something writes. Both may have UNKNOWN in them; without a value nothing at all is known. */
export interface Write {
  /** What writes it, for people. */
  readonly by: string;
  readonly bucket: string;
  readonly key: string;
}

/** How a trigger's keys begin and end, as far as one of its filters says. */
interface Ends {
  readonly prefix: string;
  readonly suffix: string;
}

/** `surely`: the trigger takes what is written. `perhaps`: it may, and that cannot be decided here. */
export type Feeds = 'surely' | 'perhaps' | 'never';

export function feeds(source: ObjectSource, pattern: unknown, { bucket, key }: Write): Feeds {
  if (!overlaps(bucket, source.bucket)) return 'never';
  const keys = key.endsWith('/') ? key + UNKNOWN : key;
  const filters = [ends(source.prefix, 'prefix'), ends(source.suffix, 'suffix')];
  if (filters.some((any) => any.length > 0 && !any.some((one) => mayHave(keys, one)))) return 'never';
  if (!keys.includes(UNKNOWN)) return feedsExactly(source, pattern, bucket, keys);
  const isSure =
    bucket === source.bucket &&
    filters.every((any) => any.length === 0 || any.some((one) => surelyHas(keys, one))) &&
    !isPicky(source, pattern);
  return isSure ? 'surely' : 'perhaps';
}

/** A key that is known whole can be asked about, as if it had been written. */
function feedsExactly(source: ObjectSource, pattern: unknown, bucket: string, key: string): Feeds {
  const event = objectEvent({ eventName: 'ObjectCreated:Put', bucket, key, eventTime: new Date(0) })!;
  const rules = explainMatch({ name: '', kind: 'object', source: { ...source, bucket }, pattern }, event);
  if (rules.some((rule) => isAboutKey(rule) && !rule.matched)) return 'never';
  return bucket === source.bucket && rules.every(({ matched }) => matched) ? 'surely' : 'perhaps';
}

const isAboutKey = ({ field }: { field: string }): boolean => field === 'subject' || field === 'data.key';

const isPicky = ({ keys, exclude, size, contentType, metadata, settle, events }: ObjectSource, pattern: unknown) =>
  [keys, exclude, size, contentType, metadata, pattern].some((filter) => filter !== undefined) ||
  (settle && 'marker' in settle) ||
  !events.some((event) => event === 'created' || event === 'ObjectCreated:*');

const ends = (oneOrMore: string | readonly string[] = [], side: 'prefix' | 'suffix'): Ends[] =>
  [oneOrMore].flat().map((text) => ({ prefix: '', suffix: '', [side]: text }));

const firstPart = (key: string): string => key.split(UNKNOWN, 1)[0] ?? '';
const lastPart = (key: string): string => key.split(UNKNOWN).at(-1) ?? '';

const surelyHas = (key: string, { prefix, suffix }: Ends): boolean =>
  firstPart(key).startsWith(prefix) && lastPart(key).endsWith(suffix);

const mayHave = (key: string, { prefix, suffix }: Ends): boolean =>
  (firstPart(key).startsWith(prefix) || prefix.startsWith(firstPart(key))) &&
  (lastPart(key).endsWith(suffix) || suffix.endsWith(lastPart(key)));

const overlaps = (text: string, wanted: string): boolean =>
  text.includes(UNKNOWN) ? mayHave(text, { prefix: wanted, suffix: wanted }) : text === wanted;

/** How a key that the trigger takes looks: one for each way in which its filters let keys begin and end. */
export function sampleKeys({ prefix, suffix }: ObjectSource): string[] {
  const [begins, finishes] = [[prefix ?? ''].flat(), [suffix ?? ''].flat()];
  return begins.flatMap((begin) => finishes.map((end) => begin + UNKNOWN + end)).slice(0, MAX_SAMPLES);
}
const MAX_SAMPLES = 16;
