import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

@Injectable()
export class HealthRepository {
  constructor(private readonly database: Database) {}

  /** Throws if the database does not answer. */
  async ask(): Promise<void> {
    await this.database.query(sql`select 1`);
  }
}
