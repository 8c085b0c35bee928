import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { sql } from './sql.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query(sql`create table note (text text)`);
});
afterAll(() => test.drop());
beforeEach(() => test.database.query(sql`delete from note`));

const write = (text: string) => test.database.query(sql`insert into note values (${text})`);
const notes = async () =>
  (await test.database.query<{ text: string }>(sql`select text from note`)).map((row) => row.text);

describe('a transaction that asks for something to be done before', () => {
  it('is taken back, and begins again when that is done, outside of it', async () => {
    const log: string[] = [];
    const result = await test.database.transaction(async () => {
      const isPrepared = log.length > 0;
      await write(isPrepared ? 'second' : 'first');
      test.database.afterCommit(() => log.push('committed'));
      if (isPrepared) return 'done';
      test.database.repeatAfter(async () => {
        log.push(`prepared, ${(await notes()).length} notes, ${test.database.isInTransaction}`);
      });
      return 'half done';
    });
    expect(result).toBe('done');
    expect(await notes()).toEqual(['second']);
    expect(log).toEqual(['prepared, 0 notes, false', 'committed']);
  });

  it('again and again is committed as it is in the end', async () => {
    let tries = 0;
    await test.database.transaction(async () => {
      await write(`try ${++tries}`);
      test.database.repeatAfter(async () => {});
    });
    expect(await notes()).toEqual([`try ${tries}`]);
    expect(tries).toBeGreaterThan(1);
  });

  it('fails as any other when its work or the preparation does', async () => {
    const work = async (isBroken: boolean) => {
      await write('lost');
      test.database.repeatAfter(async () => {
        throw new Error('not prepared');
      });
      if (isBroken) throw new Error('broken');
    };
    await expect(test.database.transaction(() => work(true))).rejects.toThrow('broken');
    await expect(test.database.transaction(() => work(false))).rejects.toThrow('not prepared');
    expect(await notes()).toEqual([]);
  });
});

it('transactions that overlap are each of their own, whichever ends first, and what comes after is in none', async () => {
  const end = new EventEmitter();
  const others = once(end, 'now');
  const long = test.database.transaction(async () => {
    await write('long');
    await others;
    await write('longer');
    expect(test.database.isInTransaction).toBe(true);
    throw new Error('taken back');
  });
  await test.database.transaction(() => write('short'));
  expect(test.database.isInTransaction).toBe(false);
  end.emit('now');
  await expect(long).rejects.toThrow('taken back');
  expect(test.database.isInTransaction).toBe(false);
  expect(await notes()).toEqual(['short']);
});
