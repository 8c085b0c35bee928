import type { Database } from '@app/common';
import type { Dice } from './random-workflow.js';

export class Death extends Error {}

/** A database whose connection dies at two of so many statements: before one arrives, or before its answer does. */
export function mortal(database: Database, roll: Dice, of = 12): () => void {
  const { query } = database;
  database.query = (async (statement) => {
    if (statement.text.includes('pg_notify')) return query.call(database, statement);
    const fate = roll(of);
    if (fate === 0) throw new Death('before the statement');
    const rows = await query.call(database, statement);
    if (fate === 1) throw new Death('before the answer');
    return rows;
  }) as typeof database.query;
  return () => {
    database.query = query;
  };
}

/** Asks again until there is an answer, as everybody does who must know. */
export async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Death) || tries > 100) throw error;
    }
  }
}

export function shuffled<T>(items: readonly T[], roll: Dice): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(roll(rest.length), 1)[0] as T);
}
