import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { ObjectStore } from '@app/object-store';
import { Injectable } from '@nestjs/common';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';
import { type LogLine, TaskLogRepository } from '../tasks/task-log.repository.js';
import { type EndedWithLines, type LogArchive, LogArchiveRepository } from './log-archive.repository.js';

/** Lines that come behind the end of their task come within this time; others are moved when they are there. */
const LAG_SECONDS = 60;
/** More than a task may write. */
const MAX_LINES = 1_000_000;
const zip = promisify(gzip);
const unzip = promisify(gunzip);

/**
 * What functions wrote: in Postgres while they run, where many small writes are at home, and in the object store after their
 * end: `logs/<namespace>/<day>/<task>-<last line>.jsonl.gz`. A reader finds them in either place.
 */
@Injectable()
export class LogsService {
  constructor(
    private readonly log: TaskLogRepository,
    private readonly archives: LogArchiveRepository,
    private readonly objects: ObjectStore,
  ) {}

  /** Lines behind one of them, in order. */
  async list(taskId: string, after: string, limit: number): Promise<LogLine[]> {
    // The table first: what is moved while we look is then in the archive, and never in neither.
    const stored = await this.log.list(taskId, after, limit);
    const archive = await this.archives.find(taskId);
    if (!archive || BigInt(after) >= BigInt(archive.lastId)) return stored;
    const moved = (await this.read(archive)).filter(({ id }) => BigInt(id) > BigInt(after));
    const last = moved.at(-1)?.id ?? after;
    return [...moved, ...stored.filter(({ id }) => BigInt(id) > BigInt(last))].slice(0, limit);
  }

  /** Moves the lines of tasks that have ended; says how many tasks that were. */
  async archiveEnded(limit: number, lagSeconds = LAG_SECONDS): Promise<number> {
    const ended = await this.archives.listEnded(lagSeconds, limit);
    if (ended.length > 0) await this.objects.ensureBucket(SYSTEM_BUCKET);
    for (const task of ended) await this.archive(task);
    return ended.length;
  }

  /** Removes what a namespace's tasks wrote and was moved long ago; says how many tasks' lines that were. */
  async removeOld(namespace: string, days: number, limit: number): Promise<number> {
    const old = await this.archives.listOld(prefixOf(namespace), days, limit);
    for (const { key } of old) await this.objects.delete({ bucket: SYSTEM_BUCKET, key });
    await this.archives.delete(old.map(({ taskId }) => taskId));
    return old.length;
  }

  /** The object first, then its note and the removal of the rows: at no moment are the lines nowhere. */
  private async archive({ taskId, namespace, endedAt }: EndedWithLines): Promise<void> {
    const before = await this.archives.find(taskId);
    const rest = await this.log.list(taskId, before?.lastId ?? '0', MAX_LINES);
    const last = rest.at(-1);
    if (!last) return;
    const lines = [...(before ? await this.read(before) : []), ...rest];
    const body = await zip(lines.map((line) => JSON.stringify(line)).join('\n'));
    const key = `${prefixOf(namespace)}${endedAt.toISOString().slice(0, 10)}/${taskId}-${last.id}.jsonl.gz`;
    await this.objects.put({ bucket: SYSTEM_BUCKET, key }, body, { contentType: 'application/gzip' });
    const facts = { taskId, key, lastId: String(last.id), lines: lines.length, bytes: body.length };
    if ((await this.archives.save(facts)) && before && before.key !== key)
      await this.objects.delete({ bucket: SYSTEM_BUCKET, key: before.key });
  }

  private async read({ key }: LogArchive): Promise<LogLine[]> {
    const { body } = await this.objects.get({ bucket: SYSTEM_BUCKET, key });
    const text = (await unzip(await buffer(body))).toString('utf8');
    return text.split('\n').map((line) => {
      const parsed = JSON.parse(line) as Omit<LogLine, 'at'> & { at: string };
      return { ...parsed, at: new Date(parsed.at) };
    });
  }
}

const prefixOf = (namespace: string): string => `logs/${namespace}/`;
