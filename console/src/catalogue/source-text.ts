import type { Json, Trigger } from '../api/types.js';

/** What it listens to, as a sentence. */
export function sourceText({ kind, source }: Trigger): string {
  if (kind === 'topic') return `${source.batch ? 'messages' : 'a message'} on topic ${String(source.topic)}`;
  if (kind === 'schedule') return `${String(source.cron)}${source.timezone ? ` (${String(source.timezone)})` : ''}`;
  if (kind !== 'object') return kind;
  const events = Array.isArray(source.events) ? source.events.join(' or ') : 'created';
  const prefix = source.prefix ? ` under ${listed(source.prefix)}` : '';
  const suffix = source.suffix ? ` ending in ${listed(source.suffix)}` : '';
  const keys = source.keys ? ` like ${listed(source.keys)}` : '';
  const filters = ['exclude', 'size', 'contentType', 'metadata'].filter((name) => source[name] !== undefined);
  const filtered = filters.length > 0 ? `, filtered by ${filters.join(', ')}` : '';
  return `an object ${events} in ${String(source.bucket)}${prefix}${suffix}${keys}${filtered}${settled(source.settle)}`;
}

const listed = (oneOrMore: Json): string => (Array.isArray(oneOrMore) ? oneOrMore.join(' or ') : String(oneOrMore));

function settled(settle: Json | undefined): string {
  if (typeof settle !== 'object' || settle === null || Array.isArray(settle)) return '';
  return 'marker' in settle
    ? `, when ${String(settle.marker)} is there`
    : `, quiet for ${String(settle.quietSeconds)} s`;
}
