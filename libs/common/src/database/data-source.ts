import { DataSource, type EntityTarget, type MigrationInterface } from 'typeorm';

/** Any number, as long as nobody else uses it. */
const MIGRATION_LOCK = 7_310_984;

/**
 * A statement is planned once per connection, when its tables may still be empty, and its plan is kept while they fill:
 * what then was a scan of a few pages becomes one of millions of rows. Each of our joins has its index: to use it is
 * made to look cheap, and there is no other way to join.
 */
const SMALL_STATEMENTS = '-c enable_hashjoin=off -c enable_mergejoin=off -c random_page_cost=0 -c jit=off';

export interface DataSourceOptions {
  readonly url: string;
  readonly entities: readonly EntityTarget<object>[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly maxConnections?: number;
}

/** Connects. Nothing is migrated yet. */
export async function openDataSource({
  url,
  entities,
  migrations,
  maxConnections = 12,
}: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [...entities] as never,
    migrations: [...migrations],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    poolSize: maxConnections,
    applicationName: 'spool',
    extra: { options: SMALL_STATEMENTS },
  });
  return dataSource.initialize();
}

/** Applies what this database has not seen, one process at a time, however many start together. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
    await runner.release();
  }
}
