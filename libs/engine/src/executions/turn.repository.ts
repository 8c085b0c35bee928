import { Database, joined, type Query, sql } from '@app/common';
import { endTasks, holdTasks, insertTasks } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { endExecutions, insertExecutions } from './execution.repository.js';
import { type FrameRecord, insertFrames, moveFrames } from './frame.repository.js';
import { insertHistory } from './history.repository.js';
import { deletePassedTimers, deleteTimers, holdTimers, insertTimers } from './timer.repository.js';
import type { Fence } from './turn.js';

export interface Written {
  /** False: something was not as it was taken to be, and nothing was written. */
  readonly done: boolean;
  /** Executions that were not begun, as there is one of their name. */
  readonly refused: readonly string[];
}

type Of<Type extends Fence['type']> = Extract<Fence, { type: Type }>;
type Part = readonly [name: string, query: Query];

const OPEN = sql`(select open from gate)`;

/**
 * One statement writes what any number of turns have come to. It begins with the question whether everything is still
 * as it was when they were decided: the revisions of the executions, and the fences. If so, it all is written,
 * and if not, nothing is. As a statement it is a transaction of its own, in one exchange with Postgres.
 *
 *   locked, tasks_held, timers_held ─▶ ready ─▶ begun ─▶ gate ─▶ frames, history, tasks, timers, executions
 */
@Injectable()
export class TurnRepository {
  constructor(private readonly database: Database) {}

  async write(batch: readonly Changes[]): Promise<Written> {
    if (batch.length === 0) return { done: true, refused: [] };
    const parts = [...guards(batch), ...frames(batch), ...tasks(batch), ...timers(batch), ...endings(batch)];
    const named = parts.map(([name, query]) => joined([text(name), sql` as materialized (`, query, sql`)`], ''));
    const statement = joined([sql`with`, joined(named, ', '), sql`select open as done, refused from gate`], ' ');
    const [written] = await this.database.query<Written & Record<string, unknown>>(statement);
    if (!written) throw new Error('The gate of the statement gave no row');
    return written;
  }
}

/** A name of ours, which is no value. */
const text = (name: string): Query => ({ text: name, values: [] });

function guards(batch: readonly Changes[]): Part[] {
  const known = batch.filter(({ isNew }) => !isNew);
  const asked = known.map(({ execution: { id }, state: { revision } }) => ({ id, revision }));
  const begun = batch.filter(({ isNew }) => isNew).map(({ execution }) => execution);
  const heldTasks = fences(batch, 'task').map(({ fence }) => fence.task);
  const heldTimers = fences(batch, 'timer').map(({ fence, executionId }) => ({ ...fence.timer, executionId }));
  const allLocked = sql`(select count(*) from locked) = ${asked.length}::integer`;
  return [
    ['locked', lockExecutions(asked)],
    ...some(heldTasks, 'tasks_held', (refs) => holdTasks(refs, allLocked)),
    ...some(heldTimers, 'timers_held', (keys) => holdTimers(keys, allLocked)),
    ['ready', ready(allLocked, heldTasks.length, heldTimers.length)],
    ...some(begun, 'begun', (executions) => insertExecutions(executions, sql`(select open from ready)`)),
    ['gate', gate(begun.map(({ id }) => id))],
  ];
}

function lockExecutions(asked: readonly { id: string; revision: number }[]): Query {
  return sql`
    select frame.execution_id
    from json_to_recordset(${JSON.stringify(asked)}::json) as t(id uuid, revision integer)
    join frame on frame.execution_id = t.id and frame.id = 0 and frame.revision = t.revision
    order by frame.execution_id for update of frame`;
}

function ready(allLocked: Query, taskCount: number, timerCount: number): Query {
  const all = [
    allLocked,
    ...(taskCount > 0 ? [sql`(select count(*) from tasks_held) = ${taskCount}::integer`] : []),
    ...(timerCount > 0 ? [sql`(select count(*) from timers_held) = ${timerCount}::integer`] : []),
  ];
  return joined([sql`select`, joined(all, ' and '), sql`as open`], ' ');
}

function gate(begun: readonly string[]): Query {
  if (begun.length === 0) return sql`select open, '{}'::uuid[] as refused from ready`;
  return sql`
    select open, array(select unnest(${begun}::uuid[]) except select id from begun) as refused from ready`;
}

/** What belongs to an execution that was not begun is left out. */
function unlessRefused(batch: readonly Changes[], column: Query): Query {
  if (!batch.some(({ isNew }) => isNew)) return OPEN;
  return joined([OPEN, sql` and `, column, sql` <> all((select refused from gate)::uuid[])`], '');
}

function frames(batch: readonly Changes[]): Part[] {
  const created = batch.flatMap((changes) => [...changes.created.values()].map((frame) => record(changes, frame)));
  const changed = batch.flatMap((changes) => (changes.isNew ? [] : changedFrames(changes)));
  const histories = batch.map(({ execution, history }) => ({ executionId: execution.id, events: history }));
  const condition = unlessRefused(batch, sql`t.execution_id`);
  return [
    ...some(created, 'frames_created', (records) => insertFrames(records, condition)),
    ...some(changed, 'frames_changed', (records) => moveFrames(records, OPEN)),
    ...some(
      histories.filter(({ events }) => events.length > 0),
      'remembered',
      (all) => insertHistory(all, condition),
    ),
  ];
}

/** The root is always among them, for what it counts. */
function changedFrames(changes: Changes): FrameRecord[] {
  const records = [...changes.changed.values()].map((frame) => record(changes, frame));
  return changes.changed.has(0) ? records : [...records, { ...record(changes, undefined) }];
}

function record({ state, isNew }: Changes, frame: FrameRecord['frame']): FrameRecord {
  const executionId = state.execution.id;
  if (frame && frame.id !== 0) return { executionId, frame };
  const { revision, nextFrameId, nextHistoryId } = state;
  return { executionId, frame, counters: { revision: isNew ? revision : revision + 1, nextFrameId, nextHistoryId } };
}

function tasks(batch: readonly Changes[]): Part[] {
  const ended = fences(batch, 'task').map(({ fence: { task, ending } }) => ({ id: task.id, ...ending }));
  const condition = unlessRefused(batch, sql`t.execution_id`);
  return [
    ...some(ended, 'tasks_ended', (all) => endTasks(all, OPEN)),
    ...some(
      batch.flatMap((changes) => changes.tasks),
      'tasks_queued',
      (all) => insertTasks(all, condition),
    ),
  ];
}

function timers(batch: readonly Changes[]): Part[] {
  const fired = fences(batch, 'timer').map(({ fence, executionId }) => ({ ...fence.timer, executionId }));
  const located = batch.flatMap(({ execution: { id: executionId }, ending, passed, timers: started }) => ({
    started: ending ? [] : started.map((timer) => ({ ...timer, executionId })),
    passed: ending ? [{ executionId }] : passed.map((frame) => ({ ...frame, executionId })),
  }));
  const condition = unlessRefused(batch, sql`t."executionId"`);
  return [
    ...some(fired, 'timers_fired', (all) => deleteTimers(all, OPEN)),
    ...some(
      located.flatMap((one) => one.passed),
      'timers_passed',
      (all) => deletePassedTimers(all, OPEN),
    ),
    ...some(
      located.flatMap((one) => one.started),
      'timers_started',
      (all) => insertTimers(all, condition),
    ),
  ];
}

/** One that is new is inserted as it ended. */
function endings(batch: readonly Changes[]): Part[] {
  const ended = batch.flatMap(({ execution: { id }, ending, isNew }) => (ending && !isNew ? [{ id, ...ending }] : []));
  return some(ended, 'ended', (all) => endExecutions(all, OPEN));
}

function fences<Type extends Fence['type']>(batch: readonly Changes[], type: Type) {
  return batch.flatMap((changes) =>
    changes.fences
      .filter((fence): fence is Of<Type> => fence.type === type)
      .map((fence) => ({ fence, executionId: changes.execution.id })),
  );
}

/** No part for nothing. */
const some = <Item>(items: readonly Item[], name: string, query: (items: readonly Item[]) => Query): Part[] =>
  items.length === 0 ? [] : [[name, query(items)]];
