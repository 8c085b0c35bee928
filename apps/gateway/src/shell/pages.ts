import { InvalidRequest, isStorable } from '@app/common';
import { z } from 'zod';

/** A place in a list that is ordered by a time and an id, newest first. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

const placeWith = (id: z.ZodType<string>) => z.tuple([z.iso.datetime(), id]);
const place = { uuid: placeWith(z.uuid()), text: placeWith(z.string().min(1).max(4_096).refine(isStorable)) };

export const limit = (fallback: number, most: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(fallback)
    .meta({ description: `At most so many; up to ${most}` });

export const cursor = z.string().max(8_192).optional().meta({ description: '`nextCursor` of the page before' });

/** Opaque for callers, so that what it is made of may change. */
export const toCursor = ({ at, id }: Place): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');

/** What the ids of the list look like is checked: of one that we did not make, Postgres would say that. */
export function fromCursor(text: string | undefined, ids: keyof typeof place = 'uuid'): Place | undefined {
  if (text === undefined) return undefined;
  try {
    const [at, id] = place[ids].parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { at: new Date(at), id };
  } catch {
    throw new InvalidRequest([{ pointer: '/query/cursor', message: 'must be the nextCursor of the page before' }]);
  }
}

export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor?: string;
}

/** A full page may have another behind it; one that is not full has none. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  { limit: size, view, placeOf }: { limit: number; view: (row: Row) => Item; placeOf: (row: Row) => Place },
): Page<Item> {
  const last = rows.length === size ? rows.at(-1) : undefined;
  return { items: rows.map(view), ...(last && { nextCursor: toCursor(placeOf(last)) }) };
}

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

export const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });
