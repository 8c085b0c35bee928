import { Database, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { FrameRepository, type StoredFrame } from '../executions/frame.repository.js';

interface StepOfFrame {
  readonly id: number;
  readonly step: number;
}

/** What is left of an execution that has ended, and its coming back to life. */
@Injectable()
export class RedriveRepository {
  constructor(
    private readonly database: Database,
    private readonly frames: FrameRepository,
  ) {}

  async find(executionId: string, id: number): Promise<StoredFrame | undefined> {
    return this.frames.find(executionId, id);
  }

  async countChildren(executionId: string, { id, step }: StepOfFrame): Promise<{ total: number; succeeded: number }> {
    const [row] = await this.database.query<{ total: number; succeeded: number }>(sql`
      select count(*)::integer as total, (count(*) filter (where status = 'SUCCEEDED'))::integer as succeeded
      from frame where execution_id = ${executionId} and parent_id = ${id} and parent_step = ${step}`);
    return row ?? { total: 0, succeeded: 0 };
  }

  async listUnsuccessful(executionId: string, { id, step }: StepOfFrame): Promise<number[]> {
    const rows = await this.database.query<{ id: number }>(sql`
      select id from frame
      where execution_id = ${executionId} and parent_id = ${id} and parent_step = ${step} and status <> 'SUCCEEDED'
      order by index`);
    return rows.map((row) => row.id);
  }

  async listOutputs(executionId: string, parent: StepOfFrame): Promise<Json[] | undefined> {
    return this.frames.listOutputs(executionId, parent);
  }

  /** In the transaction that has moved its frames; it may have come to an end in it, too. */
  async reopen(id: string, { hasEnded, at }: { hasEnded: boolean; at: Date }): Promise<void> {
    await this.database.query(sql`
      update execution
      set redrive_count = redrive_count + 1, redriven_at = ${at},
          status = case when ${hasEnded}::boolean then status else 'RUNNING' end,
          unsuccessful = case when ${hasEnded}::boolean then unsuccessful end,
          error = case when ${hasEnded}::boolean then error end,
          cause = case when ${hasEnded}::boolean then cause end,
          ended_at = case when ${hasEnded}::boolean then ended_at end
      where id = ${id}`);
  }
}
