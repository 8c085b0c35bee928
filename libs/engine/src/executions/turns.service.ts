import { Database } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { DecisionsService } from './decisions.service.js';
import type { Execution } from './execution.js';
import type { ExecutionState } from './execution-state.js';
import { ExecutionReader } from './execution.reader.js';
import { KnownExecutions } from './known-executions.js';
import { executionOf, fenceKey, type Happenings, type Turn } from './turn.js';
import { TurnWriter } from './turn-writer.service.js';

export interface Taken {
  /** False: it was too late, or there is an execution of this name. */
  readonly taken: boolean;
  /** As the turn leaves it. */
  readonly execution?: Execution | undefined;
}

/**
 * Takes any number of turns together: what they come to is decided by what this process knows already, and written by
 * one statement, if that is still true. If it is not, they are decided again while the executions are locked.
 */
@Injectable()
export class TurnsService {
  constructor(
    private readonly database: Database,
    private readonly reader: ExecutionReader,
    private readonly decisions: DecisionsService,
    private readonly writer: TurnWriter,
    private readonly known: KnownExecutions,
  ) {}

  /** For each turn what became of it. All in one transaction: the caller's, if there is one. */
  async take(turns: readonly Turn[]): Promise<Taken[]> {
    if (this.database.isInTransaction) return this.takeLocked(turns);
    const firsts = new Set(firstOfEachFence(turns));
    const taken = await this.takeKnown([...firsts]);
    const seconds = turns.filter((turn) => !firsts.has(turn));
    const late = seconds.length > 0 ? await this.takeLocked(seconds) : [];
    return turns.map((turn) => (firsts.has(turn) ? taken : late).shift() ?? { taken: false });
  }

  private async takeKnown(turns: readonly Turn[]): Promise<Taken[]> {
    const states = new Map<string, ExecutionState>();
    for (const turn of turns) {
      const state = turn.type === 'begin' ? undefined : this.known.take(turn.executionId);
      if (state) states.set(state.execution.id, state);
    }
    const unknown = turns.filter((turn) => turn.type !== 'begin' && !states.has(turn.executionId)).map(executionOf);
    for (const state of await this.reader.states([...new Set(unknown)])) states.set(state.execution.id, state);
    const decided = await this.decide(states, turns);
    const refused = await this.writer.write([...decided.values()]);
    if (!refused) return this.takeLocked(turns);
    return outcomes(turns, decided, refused);
  }

  /** The slow way, which needs to know nothing: lock, look which fences stand, read, decide, write. */
  private async takeLocked(turns: readonly Turn[]): Promise<Taken[]> {
    return this.writer.transaction(async () => {
      const ids = [...new Set(turns.filter(({ type }) => type !== 'begin').map(executionOf))];
      if (ids.length > 0) await this.reader.lockAll(ids);
      const standing = await this.reader.hold(turns);
      const valid = firstOfEachFence(turns).filter((turn) => standing.has(fenceKey(turn) ?? '') || !fenceKey(turn));
      for (const id of ids) this.known.take(id);
      const states = new Map((await this.reader.states(ids)).map((state) => [state.execution.id, state]));
      const decided = await this.decide(states, valid);
      const refused = await this.writer.write([...decided.values()]);
      if (!refused) throw new Error('What is locked has changed nevertheless');
      const inTime = new Set(valid);
      const taken = outcomes(valid, decided, refused);
      return turns.map((turn) => (inTime.has(turn) ? (taken.shift() ?? { taken: false }) : { taken: false }));
    });
  }

  private async decide(states: Map<string, ExecutionState>, turns: readonly Turn[]): Promise<Map<string, Changes>> {
    await this.reader.fill(states, turns);
    const decided = await Promise.all(
      [...byExecution(turns)].map(async ([id, group]) => {
        const [first] = group;
        if (first?.type === 'begin') return this.decisions.begin(first);
        const state = states.get(id);
        return state && this.decisions.move(state, group as Happenings[]);
      }),
    );
    return new Map(
      decided.filter((changes) => changes !== undefined).map((changes) => [changes.execution.id, changes]),
    );
  }
}

function byExecution(turns: readonly Turn[]): Map<string, Turn[]> {
  const groups = new Map<string, Turn[]>();
  for (const turn of turns) {
    const group = groups.get(executionOf(turn));
    if (group) group.push(turn);
    else groups.set(executionOf(turn), [turn]);
  }
  return groups;
}

/** Of turns with the same fence only the first can be in time. */
function firstOfEachFence(turns: readonly Turn[]): Turn[] {
  const seen = new Set<string>();
  return turns.filter((turn) => {
    const key = fenceKey(turn);
    if (key === undefined) return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function outcomes(
  turns: readonly Turn[],
  decided: ReadonlyMap<string, Changes>,
  refused: ReadonlySet<string>,
): Taken[] {
  return turns.map((turn) => {
    const changes = decided.get(executionOf(turn));
    return changes && !refused.has(changes.execution.id)
      ? { taken: true, execution: changes.execution }
      : { taken: false };
  });
}
