import { Database, joined, type Query, sql } from '@app/common';
import { endTasks, insertTasks } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { refOf } from '../payloads/payload-marks.js';
import { insertUses } from '../payloads/payload.repository.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import type { Changes } from './changes.js';
import { endExecutions, insertExecutions } from './execution.repository.js';
import { type FrameRecord, insertFrames, moveFrames } from './frame.repository.js';
import { type HistoryText, toHistoryRows } from './history-record.js';
import { insertHistory } from './history.repository.js';
import { largeIn, refsIn } from './stored-values.js';
import { deletePassedTimers, deleteTimers, insertTimers } from './timer.repository.js';
import type { Fence } from './turn.js';

type Of<Type extends Fence['type']> = Extract<Fence, { type: Type }>;
type Part = readonly [name: string, query: Query];

/** Something was not as it was taken to be when the turns were decided. Nothing was written. */
export class StaleTurns extends Error {}

/** What `turns_are_stale` raises. */
const STALE = 'SP001';

/**
 * One statement writes what any number of turns have come to: as a statement it is a transaction of its own, in one
 * exchange with Postgres. It finds each row by what the row must still be, an execution by its revision, a task and a
 * timer by the fence. If it has not found all of them it fails, so that nothing of it is written.
 *
 *   frames_changed ─▶ tasks_ended, timers_fired, begun ─▶ frames, history, tasks, timers, executions
 *
 * Root frames come first and rows in the order of their keys, as for everybody, so that no two wait for each other.
 */
@Injectable()
export class TurnRepository {
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  /** Large values, before the transaction that will refer to them. */
  async prepare(batch: readonly Changes[]): Promise<void> {
    for (const changes of batch) {
      changes.large = largeIn(changes);
      if (changes.large.length > 0) await this.payloads.store(changes.execution.namespace, changes.large);
    }
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** The executions that were not begun, as there is one of their name. */
  async write(batch: readonly Changes[]): Promise<readonly string[]> {
    if (batch.length === 0) return [];
    const ordered = batch.toSorted((a, b) => inOrder(a.execution.id, b.execution.id));
    const histories = ordered.map(historyOf);
    const found = foundRows(ordered);
    const parts = [
      ...found.map(({ part }) => part),
      ...beginnings(ordered),
      ...frames(ordered),
      ...remembered(ordered, histories),
      ...tasks(ordered),
      ...timers(ordered),
      ...endings(ordered),
      ...uses(ordered),
    ];
    const named = parts.map(([name, query]) => joined([text(name), sql` as materialized (`, query, sql`)`], ''));
    const statement = joined([sql`with`, joined(named, ', '), sql`select`, answer(ordered, found)], ' ');
    try {
      const [written] = await this.database.query<{ refused: string[] }>(statement);
      this.database.afterCommit(() => {
        for (const { places } of ordered) places.note();
      });
      return written?.refused ?? [];
    } catch (error) {
      if ((error as { code?: unknown }).code === STALE) throw new StaleTurns();
      throw error;
    }
  }
}

/** A name of ours, which is no value. */
const text = (name: string): Query => ({ text: name, values: [] });
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A part that must find so many rows. */
interface Found {
  readonly part: Part;
  readonly count: number;
}

function foundRows(batch: readonly Changes[]): Found[] {
  const moved = batch.filter(({ isNew }) => !isNew).flatMap(changedFrames);
  const afterwards = holdsFrames(batch);
  const ended = fences(batch, 'task').map(({ fence: { task, ending }, namespace, places }) => ({
    ...task,
    ...ending,
    outputRef: refOf(ending.output as Json | undefined, namespace),
    outputPlace: places.of(ending.output as Json | undefined),
  }));
  const fired = fences(batch, 'timer').map(({ fence, executionId }) => ({ ...fence.timer, executionId }));
  return [
    ...counted(moved, 'frames_changed', moveFrames),
    ...counted(
      ended.toSorted((a, b) => inOrder(a.id, b.id)),
      'tasks_ended',
      (all) => endTasks(all, afterwards),
    ),
    ...counted(fired, 'timers_fired', (all) => deleteTimers(all, afterwards)),
  ];
}

/** Whatever else is held is held after the root frames. */
function holdsFrames(batch: readonly Changes[]): Query {
  return batch.every(({ isNew }) => isNew) ? sql`true` : sql`(select count(*) from frames_changed) > 0`;
}

const counted = <Item>(items: readonly Item[], name: string, query: (items: readonly Item[]) => Query): Found[] =>
  some(items, name, query).map((part) => ({ part, count: items.length }));

function answer(batch: readonly Changes[], found: readonly Found[]): Query {
  const all = found.map(({ part: [name], count }) =>
    joined([sql`(select count(*) from `, text(name), sql`) = ${count}::integer`], ''),
  );
  const refused = batch.some(({ isNew }) => isNew) ? sql`array(select id from refused)` : sql`'{}'::uuid[]`;
  const isCurrent = joined(all.length > 0 ? all : [sql`true`], ' and ');
  return joined([sql`case when`, isCurrent, sql`then true else turns_are_stale() end,`, refused, sql`as refused`], ' ');
}

function beginnings(batch: readonly Changes[]): Part[] {
  const begun = batch.filter(({ isNew }) => isNew);
  if (begun.length === 0) return [];
  const ids = begun.map(({ execution }) => execution.id);
  return [
    ['begun', insertExecutions(begun, holdsFrames(batch))],
    ['refused', sql`select unnest(${ids}::uuid[]) as id except select id from begun`],
  ];
}

/** What belongs to an execution that was not begun is left out. */
function unlessRefused(batch: readonly Changes[], column: Query): Query {
  if (!batch.some(({ isNew }) => isNew)) return sql`true`;
  return joined([column, sql` <> all(array(select id from refused))`], '');
}

function frames(batch: readonly Changes[]): Part[] {
  const created = batch.flatMap((changes) => [...changes.created.values()].map((frame) => record(changes, frame)));
  const condition = unlessRefused(batch, sql`t.execution_id`);
  return some(created, 'frames_created', (records) => insertFrames(records, condition));
}

interface History {
  readonly executionId: string;
  readonly rows: readonly HistoryText[];
}

/** Made before the other rows, which refer to what stands in it. */
function historyOf({ execution: { id, namespace }, history, places }: Changes): History {
  return { executionId: id, rows: toHistoryRows(history, { namespace, places }) };
}

function remembered(batch: readonly Changes[], histories: readonly History[]): Part[] {
  return some(
    histories.filter(({ rows }) => rows.length > 0),
    'remembered',
    (all) => insertHistory(all, unlessRefused(batch, sql`t.execution_id`)),
  );
}

/** The root first, and always, for what it counts. */
function changedFrames(changes: Changes): FrameRecord[] {
  const { changed } = changes;
  const below = [...changed.values()].filter(({ id }) => id !== 0);
  return [changed.get(0), ...below].map((frame) => record(changes, frame));
}

function record({ state, isNew, places }: Changes, frame: FrameRecord['frame']): FrameRecord {
  const { id: executionId, namespace } = state.execution;
  if (frame && frame.id !== 0) return { executionId, namespace, frame, places };
  const { revision, nextFrameId, nextHistoryId } = state;
  return {
    executionId,
    namespace,
    frame,
    places,
    counters: { revision: isNew ? revision : revision + 1, nextFrameId, nextHistoryId },
  };
}

function tasks(batch: readonly Changes[]): Part[] {
  const condition = unlessRefused(batch, sql`t.execution_id`);
  return some(
    batch.flatMap(({ tasks: made, places }) =>
      made.map((task) => ({
        ...task,
        payloadRef: refOf(task.payload as Json, task.namespace),
        payloadPlace: places.of(task.payload as Json),
      })),
    ),
    'tasks_queued',
    (all) => insertTasks(all, condition),
  );
}

function timers(batch: readonly Changes[]): Part[] {
  const located = batch.flatMap(({ execution: { id: executionId }, ending, passed, timers: started }) => ({
    started: ending ? [] : started.map((timer) => ({ ...timer, executionId })),
    passed: ending ? [{ executionId }] : passed.map((frame) => ({ ...frame, executionId })),
  }));
  const condition = unlessRefused(batch, sql`t."executionId"`);
  return [
    ...some(
      located.flatMap((one) => one.passed),
      'timers_passed',
      deletePassedTimers,
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
  const ended = batch.flatMap(({ execution: { id, namespace }, ending, isNew, places }) =>
    ending && !isNew ? [{ id, namespace, places, ...ending }] : [],
  );
  return some(ended, 'ended', endExecutions);
}

/** Of values that are in the object store. Nearly always there are none. */
function uses(batch: readonly Changes[]): Part[] {
  const all = batch.flatMap((changes) => {
    const { id: holder, namespace } = changes.execution;
    return refsIn(changes).map((ref) => ({ holder, namespace, ref }));
  });
  return some(all, 'payloads_used', (used) => insertUses(used, unlessRefused(batch, sql`t.holder`)));
}

function fences<Type extends Fence['type']>(batch: readonly Changes[], type: Type) {
  return batch.flatMap((changes) =>
    changes.fences
      .filter((fence): fence is Of<Type> => fence.type === type)
      .map((fence) => ({ fence, executionId: changes.execution.id, ...placesOf(changes) })),
  );
}

const placesOf = ({ execution: { namespace }, places }: Changes) => ({ namespace, places });

/** No part for nothing. */
const some = <Item>(items: readonly Item[], name: string, query: (items: readonly Item[]) => Query): Part[] =>
  items.length === 0 ? [] : [[name, query(items)]];
