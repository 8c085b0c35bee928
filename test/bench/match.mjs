// How long it takes to find the triggers of one event among 10, 1,000 and 10,000, and what asking each would take.
import { TriggerIndex, matches } from '../../dist/libs/events/src/index.js';
import { report } from './lib/figures.mjs';

const EVENTS = 20_000;
const PATTERNS = [
  (n) => ({ source: { prefix: `customer-${n}/` } }),
  (n) => ({ pattern: { data: { key: [{ wildcard: `customer-${n}/*.mp4` }], size: [{ numeric: ['>', 100] }] } } }),
  (n) => ({
    source: { bucket: `bucket-${n}`, suffix: '.mp4' },
    pattern: { data: { contentType: [{ 'anything-but': 'text/plain' }] } },
  }),
  (n) => ({ pattern: { $or: [{ data: { etag: [`etag-${n}`] } }, { subject: [{ prefix: `team-${n}/` }] }] } }),
];
const trigger = (n) => {
  const { source, pattern } = PATTERNS[n % PATTERNS.length](n);
  return { name: `t${n}`, kind: 'object', source: { bucket: 'videos', events: ['created'], ...source }, pattern };
};
const event = (n) => {
  const key = `customer-${n}/film-${n}.mp4`;
  const data = { bucket: 'videos', key, size: n, etag: `etag-${n}`, contentType: 'video/mp4' };
  const common = { specversion: '1.0', type: 'spool.object.created', time: '2026-01-01T00:00:00Z' };
  return { ...common, id: String(n), source: '/objects/videos', subject: key, data };
};

const lines = [];
for (const count of [10, 1_000, 10_000]) {
  const triggers = Array.from({ length: count }, (_, n) => trigger(n));
  const began = performance.now();
  const index = new TriggerIndex(triggers);
  const builtMs = performance.now() - began;
  const events = Array.from({ length: EVENTS }, (_, n) => event(n % count));
  for (const one of events.slice(0, 2_000)) index.match(one);
  const started = performance.now();
  let found = 0;
  for (const one of events) found += index.match(one).length;
  const us = ((performance.now() - started) * 1_000) / EVENTS;
  const few = events.slice(0, Math.ceil(EVENTS / count));
  const naive = performance.now();
  for (const one of few) triggers.filter((each) => matches(each, one));
  const naiveUs = ((performance.now() - naive) * 1_000) / few.length;
  lines.push(
    `${count} triggers: ${us.toFixed(1)} µs an event (${Math.round(1e6 / us)} events/s, ${(found / EVENTS).toFixed(2)} matches each); ` +
      `asking each: ${naiveUs.toFixed(0)} µs; built in ${builtMs.toFixed(0)} ms`,
  );
}
report('Finding the triggers of an event', lines);
