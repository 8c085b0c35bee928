import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export type BuiltinKind = 'function' | 'workflow';

/** From which files the built-in functions and workflows were deployed last. */
@Injectable()
export class BuiltinRepository {
  constructor(private readonly database: Database) {}

  /** Digests by name, in one statement for all. */
  async digests(kind: BuiltinKind): Promise<Map<string, string>> {
    const rows = await this.database.query<{ name: string; digest: string }>(sql`
      select name, digest from builtin where kind = ${kind}`);
    return new Map(rows.map(({ name, digest }) => [name, digest]));
  }

  async save(kind: BuiltinKind, name: string, digest: string): Promise<void> {
    await this.database.query(sql`
      insert into builtin (kind, name, digest) values (${kind}, ${name}, ${digest})
      on conflict (kind, name) do update set digest = excluded.digest`);
  }
}
