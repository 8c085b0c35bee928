import type { Json, JsonObject } from '@app/workflow';
import { type Refs, split } from '../payloads/payload-marks.js';

/** Where in the payload of a dead letter a large value may be: what names the letter stays in its row. */
const PLACES = {
  'event.data': (payload: JsonObject) => (payload['event'] as JsonObject | null | undefined)?.['data'],
  event: (payload: JsonObject) => payload['event'],
  payload: (payload: JsonObject) => payload,
} as const;
type Place = keyof typeof PLACES;
export type LetterRefs = Refs<Place>;

/** The smallest part that is to be in the object store, so that the rest is no longer large. */
export const largePlaceOf = (kind: string): Place =>
  kind === 'event' || kind === 'lifecycle' ? 'event.data' : 'payload';

export const valueAt = (payload: Json, place: Place): Json | undefined => PLACES[place](payload as JsonObject);

/** Without what is in the store: null stands for it. */
export function withoutLarge(namespace: string, payload: Json, place: Place) {
  const { refs } = split(namespace, { [place]: valueAt(payload, place) });
  return { payload: refs ? put(payload, place, null) : payload, refs: refs as LetterRefs | undefined };
}

export function put(payload: Json, place: Place, value: Json): Json {
  if (place === 'payload') return value;
  const whole = payload as JsonObject;
  if (place === 'event') return { ...whole, event: value };
  return { ...whole, event: { ...(whole['event'] as JsonObject), data: value } };
}
