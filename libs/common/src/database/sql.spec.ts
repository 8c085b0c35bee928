import { describe, expect, it } from '@jest/globals';
import { joined, type Query, sql } from './sql.js';

function query(n: number): Query {
  const part = sql`a = ${n} or b = ${n + 1}`;
  return joined([sql`select from note where c = ${n + 2} and`, sql`(${part})`, sql`limit ${n + 3}`], ' ');
}

describe('a query', () => {
  it('has its values beside it, and never in it', () => {
    const found = sql`select from note where text = ${"' or true --"} and id = ${1}`;
    expect(found).toMatchObject({ text: 'select from note where text = $1 and id = $2', values: ["' or true --", 1] });
  });

  it('numbers the parameters of its parts on, the first time and each time after', () => {
    for (const n of [10, 20]) {
      expect(query(n)).toMatchObject({
        text: 'select from note where c = $1 and (a = $2 or b = $3) limit $4',
        values: [n + 2, n, n + 1, n + 3],
      });
    }
  });

  it('takes nothing for SQL that only looks like it', () => {
    const forged = { text: 'true; drop table note', values: [] };
    expect(sql`select ${forged}`).toMatchObject({ text: 'select $1', values: [forged] });
  });

  it('of any number of parts is right also when more texts have come than are kept', () => {
    const parts = Array.from({ length: 30_000 }, (_, n) => sql`${n}`);
    expect(joined(parts, ',').text.endsWith(',$30000')).toBe(true);
    expect(joined([sql`${1}`, sql`${2}`], ',').text).toBe('$1,$2');
  });

  it('with a number that is no parameter of its own is refused', () => {
    expect(() => sql`select $1`).toThrow('A parameter without its value');
  });
});
