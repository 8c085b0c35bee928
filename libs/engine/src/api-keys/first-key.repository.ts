import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** Any number, as long as nobody else uses it. */
const LOCK = 7_310_985;

@Injectable()
export class FirstKeyRepository {
  constructor(private readonly database: Database) {}

  /** One process at a time asks whether there are keys, until its transaction ends. */
  async lock(): Promise<void> {
    await this.database.query(sql`select pg_advisory_xact_lock(${LOCK})`);
  }
}
