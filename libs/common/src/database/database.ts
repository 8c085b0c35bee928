import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import type { Query } from './sql.js';

interface Transaction {
  readonly runner: QueryRunner;
  readonly client: PoolClient;
  readonly afterCommit: (() => void)[];
  readonly preparations: (() => Promise<void>)[];
}

/** Of a transaction that begins again. What is to be prepared anew every time would go on for ever. */
const MAX_TRIES = 3;

/** One pool and one transaction for both worlds: TypeORM's entities and SQL written by hand. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly logger = new Logger(Database.name);
  private readonly current = new AsyncLocalStorage<Transaction>();
  private readonly pool: Pool;
  private open = 0;

  constructor(private readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as unknown as { master: Pool }).master;
    // Without a listener, Postgres closing an idle connection would end our process.
    this.pool.on('error', (error) => this.logger.warn(`Idle connection lost: ${error.message}`));
  }

  /** TypeORM's door, inside the current transaction if there is one. */
  get manager(): EntityManager {
    return this.current.getStore()?.runner.manager ?? this.dataSource.manager;
  }

  async query<Row extends QueryResultRow>({ text, values }: Query): Promise<Row[]> {
    const client = this.current.getStore()?.client ?? this.pool;
    const { rows } = await client.query<Row>({ name: statementName(text), text, values: [...values] });
    return rows;
  }

  get isInTransaction(): boolean {
    return this.current.getStore() !== undefined;
  }

  /** Runs `work` in a transaction that every query under it joins. A nested call joins the outer one. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.current.getStore()) return work();
    for (let tries = 1; ; tries++) {
      const preparations: Transaction['preparations'] = [];
      const done = await this.begin(work, preparations, tries < MAX_TRIES);
      if (done) return done.result;
      for (const prepare of preparations) await prepare();
    }
  }

  /**
   * Takes the current transaction back once its work is done, runs `prepare` while nothing is locked, and begins again:
   * for what must not be done inside of one, and is known only there. When even that has led to more of it twice, the
   * transaction is committed as it is.
   */
  repeatAfter(prepare: () => Promise<void>): void {
    this.current.getStore()?.preparations.push(prepare);
  }

  /** Undefined if it is to be begun again. */
  private async begin<T>(
    work: () => Promise<T>,
    preparations: Transaction['preparations'],
    mayRepeat: boolean,
  ): Promise<{ readonly result: T } | undefined> {
    const runner = this.dataSource.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    const transaction: Transaction = { runner, client, afterCommit: [], preparations };
    this.open++;
    try {
      await runner.startTransaction();
      const result = await this.current.run(transaction, work);
      if (preparations.length > 0 && mayRepeat) {
        await runner.rollbackTransaction();
        return undefined;
      }
      await runner.commitTransaction();
      for (const act of transaction.afterCommit) act();
      return { result };
    } catch (error) {
      // If the connection is gone there is nothing to roll back; the first error is the one that counts.
      await runner.rollbackTransaction().catch(() => {});
      throw error;
    } finally {
      // While it is on, every promise of this process costs more; most of what the engine writes needs no transaction.
      if (--this.open === 0) this.current.disable();
      await runner.release();
    }
  }

  /** Runs `act` once the current transaction is committed; at once if there is none. For hints only: a crash loses it. */
  afterCommit(act: () => void): void {
    const transaction = this.current.getStore();
    if (transaction) transaction.afterCommit.push(act);
    else act();
  }

  /** A connection of its own, outside the pool's accounting, for LISTEN. The caller releases it. */
  async dedicatedClient(): Promise<PoolClient> {
    return this.pool.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

const names = new Map<string, string>();

/**
 * Named, and so planned once per connection: a template's text is always the same, its values are not in it.
 * (Half of Postgres' time on our small statements is parsing and planning them.)
 */
function statementName(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
