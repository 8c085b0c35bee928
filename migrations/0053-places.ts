import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is limited runs in numbered places, so that claims need not come one after the other to count them. */
export class Places1763700000053 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- A task that runs has a number below the limit of its function, and one below that of its namespace, where there
      -- are limits. No two that run have the same: so many run at most, whoever claims at the same time.
      alter table task
        add column function_place  integer,
        add column namespace_place integer;
      create unique index task_function_place on task (namespace, resource, function_place)
        where status = 'RUNNING' and function_place is not null;
      create unique index task_namespace_place on task (namespace, namespace_place)
        where status = 'RUNNING' and namespace_place is not null;
    `);
    await runner.query(places('function_place', 'namespace = in_namespace and resource = of_function and'));
    await runner.query(places('namespace_place', 'namespace = in_namespace and'));
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back');
  }
}

/** For each place so many numbers are tried at random: to read all of a great limit takes long. */
const TRIES = 4;

/**
 * Up to "wanted" places that nobody has; nobody else gets them until the end of the transaction. Each is held by a lock
 * that is only tried for: whoever comes second takes another. Then it is looked at again: each query here sees what was
 * committed before it, as that of whoever had the lock before. "unnumbered" run without a number, since before there was a
 * limit: as many of the highest places are left free for them, and for those whose number is above the limit by now.
 */
const places = (column: string, scope: string): string => /* sql */ `
  create function free_${column}s(in_namespace text, of_function text, most integer, unnumbered integer, wanted integer)
  returns table (place integer) language plpgsql as $$
  declare
    highest integer := most;
    taken   integer[] := '{}';
    outside integer;
    number  integer;
  begin
    select unnumbered + count(*) into outside from task where ${scope} status = 'RUNNING' and ${column} > most;
    while outside > 0 and highest > 0 loop
      perform from task where ${scope} status = 'RUNNING' and ${column} = highest;
      if not found then
        outside := outside - 1;
      end if;
      highest := highest - 1;
    end loop;
    for number in
      select 1 + floor(random() * highest)::integer from generate_series(1, least(${TRIES} * wanted, highest))
    loop
      exit when cardinality(taken) = wanted;
      ${take(column, scope)}
    end loop;
    if cardinality(taken) < wanted then
      for number in
        select each from generate_series(1, highest) as each
        where not exists (select from task where ${scope} status = 'RUNNING' and ${column} = each)
      loop
        exit when cardinality(taken) = wanted;
        ${take(column, scope)}
      end loop;
    end if;
    return query select unnest(taken);
  end $$;
`;

const take = (column: string, scope: string): string => /* sql */ `
      continue when number = any(taken)
        or not pg_try_advisory_xact_lock(hashtextextended(concat_ws('/', '${column}', in_namespace, of_function, number), 0));
      perform from task where ${scope} status = 'RUNNING' and ${column} = number;
      continue when found;
      taken := taken || number;
`;
