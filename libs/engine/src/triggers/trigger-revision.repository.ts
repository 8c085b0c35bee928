import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

@Injectable()
export class TriggerRevisionRepository {
  constructor(private readonly database: Database) {}

  /** Another one after each change of any trigger. */
  async token(): Promise<string> {
    const [row] = await this.database.query<{ token: string }>(sql`select token from trigger_revision`);
    return row?.token ?? '';
  }
}
