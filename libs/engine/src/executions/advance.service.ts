import { Batches, Database } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Happening } from './advance.js';
import type { Execution } from './execution.js';
import { measure } from '@app/workflow';
import { PayloadsService } from '../payloads/payloads.service.js';
import { ExecutionInputTooLarge } from './executions.errors.js';
import { type Beginning, type EntryPoint, executionOf, type Fence, type Happenings, type Turn } from './turn.js';
import { type Taken, TurnsService } from './turns.service.js';

/** One batch is decided while the other is committed. */
const LANES = 2;
const LARGEST_BATCH = 250;

/**
 * Moves executions on: what happened, what follows from it and the history of both, in one transaction. Who calls it
 * in a transaction has it done in that one; otherwise all that comes at the same time is done together.
 */
@Injectable()
export class AdvanceService {
  private readonly batches = new Batches<Turn, Taken>({
    lanes: LANES,
    limit: LARGEST_BATCH,
    keyOf: executionOf,
    run: (turns) => this.turns.take(turns),
  });

  constructor(
    private readonly database: Database,
    private readonly turns: TurnsService,
    private readonly payloads: PayloadsService,
  ) {}

  /** Stores a new execution and takes its first steps. False if the workflow has one of this name. */
  async begin(execution: Execution, timeoutSeconds: number | undefined): Promise<boolean> {
    return (await this.start(execution, timeoutSeconds)) !== undefined;
  }

  /** As `begin`; the execution as it is after its first steps. */
  async start(execution: Execution, timeoutSeconds: number | undefined): Promise<Execution | undefined> {
    const started = await this.beginning({ type: 'begin', execution, timeoutSeconds });
    return started.taken ? started.execution : undefined;
  }

  /** As `start`, of many in one transaction: one statement writes them all. */
  async startAll(executions: readonly Execution[], timeoutSeconds: number | undefined): Promise<boolean> {
    const turns = executions.map((execution) => ({ type: 'begin', execution, timeoutSeconds }) as const);
    for (const turn of turns) await this.prepare(turn);
    const started = await this.database.transaction(() => this.turns.take(turns));
    return started.every(({ taken }) => taken);
  }

  /** As `begin`, at a state in the middle. */
  async beginAt(from: EntryPoint, execution: Execution, timeoutSeconds: number | undefined): Promise<boolean> {
    return (await this.beginning({ type: 'begin', execution, timeoutSeconds, from })).taken;
  }

  /** Lets an execution that has ended go on. */
  async revive(executionId: string, revive: NonNullable<Happenings['revive']>): Promise<void> {
    await this.take({ type: 'happened', executionId, happenings: [], revive });
  }

  /** Happenings that come too late change nothing. */
  async advance(executionId: string, happenings: readonly Happening[]): Promise<void> {
    await this.take({ type: 'happened', executionId, happenings });
  }

  /** As `advance`, if the fence still stands; it ends with it. False if not. */
  async advanceBehind(fence: Fence, executionId: string, happenings: readonly Happening[]): Promise<boolean> {
    const { taken } = await this.take({ type: 'happened', executionId, happenings, fence });
    return taken;
  }

  private async beginning(turn: Beginning): Promise<Taken> {
    await this.prepare(turn);
    return this.take(turn);
  }

  /** A large input goes its way before others of the batch have to wait for it. */
  private async prepare(turn: Beginning): Promise<void> {
    const { maxBytes } = this.payloads;
    const { namespace, input } = turn.execution;
    for (const given of [input, turn.from?.input ?? null])
      if (measure(given, maxBytes).bytes > maxBytes) throw new ExecutionInputTooLarge(maxBytes);
    await this.payloads.store(namespace, [input, turn.from?.input]);
  }

  private async take(turn: Turn): Promise<Taken> {
    if (!this.database.isInTransaction) return this.batches.add(turn);
    const [taken] = await this.turns.take([turn]);
    return taken ?? { taken: false };
  }
}
