import type { Lineage } from '@app/events';
import { type CopySource, ObjectTransfers } from '@app/object-store';
import type { Task, TaskRef } from '@app/queue';
import type { Json } from '@app/workflow';
import type { OpenedUpload, OpenUpload, UploadedOutput } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { FunctionsService } from '../functions/functions.service.js';
import { isFolder, type ObjectReference, objectReferences, targetOf } from '../functions/object-references.js';
import { LineageRepository } from '../lineage/lineage.repository.js';
import { StoredTasks } from './stored-tasks.js';
import { type Part, type TaskUpload, TaskUploadRepository } from './task-upload.repository.js';
import { LeaseLost, OutputNotDeclared, OutputTooLarge } from './tasks.errors.js';

/** S3: at most 10,000 parts, each at least 5 MiB but for the last, 5 TiB in all. */
const MIN_PART_BYTES = 16 * 2 ** 20;
const MAX_PARTS = 10_000;
const MAX_OUTPUT_BYTES = 5 * 2 ** 40;
const URL_SECONDS = 6 * 3_600;
const FOLDER_TYPE = 'inode/directory';

interface Destination {
  readonly target: ObjectReference;
  readonly origin: Lineage;
}

/** The multipart uploads that attempts fill with their outputs; they show nothing until they are completed. */
@Injectable()
export class TaskUploadsService {
  constructor(
    private readonly tasks: StoredTasks,
    private readonly functions: FunctionsService,
    private readonly uploads: TaskUploadRepository,
    private readonly transfers: ObjectTransfers,
    private readonly lineage: LineageRepository,
  ) {}

  /** Opens the upload of a declared output, for the attempt that holds the task. Asked again, it starts anew. */
  async open(taskId: string, { attempt, name, size, contentType }: OpenUpload): Promise<OpenedUpload> {
    if (size > MAX_OUTPUT_BYTES) throw new OutputTooLarge(size, MAX_OUTPUT_BYTES);
    const task = await this.tasks.find(taskId);
    if (task?.status !== 'RUNNING' || task.attempt !== attempt) throw new LeaseLost(taskId, attempt);
    const target = targetOf(await this.declared(task), name);
    if (!target) throw new OutputNotDeclared(name);
    const before = await this.uploads.find(task, name);
    if (before) await this.abort(before);
    const uploadId = await this.create(task, { target, origin: await this.originOf(task) }, contentType);
    const partBytes = Math.max(MIN_PART_BYTES, Math.ceil(size / MAX_PARTS));
    const count = Math.max(1, Math.ceil(size / partBytes));
    return { partBytes, urls: await this.transfers.presignParts(target, uploadId, count, URL_SECONDS) };
  }

  /** What comes of the objects that the task writes counts on from here, so that a loop comes to an end. */
  originOf({ id: taskId, waiter }: Task): Promise<Lineage> {
    return this.lineage.next({ taskId, executionId: waiter?.executionId });
  }

  /** As `open`, filled by the store with an object that it has. */
  async openCopy(task: Task, to: Destination, source: CopySource & { contentType: string }): Promise<Part[]> {
    const uploadId = await this.create(task, to, source.contentType);
    return this.transfers.copyParts(to.target, uploadId, source);
  }

  private async create(task: Task, { target, origin }: Destination, contentType: string): Promise<string> {
    await this.lineage.saveOrigin(target, origin);
    const executionId = task.waiter?.executionId;
    const metadata = {
      'spool-task': task.id,
      'spool-hops': String(origin.hops),
      ...(executionId && { 'spool-execution': executionId }),
    };
    const uploadId = await this.transfers.createUpload(target, { contentType, metadata });
    await this.uploads.save({ ...target, taskId: task.id, attempt: task.attempt, uploadId, parts: undefined });
    return uploadId;
  }

  /** Notes what the attempt that has succeeded brought up. Within the transaction that takes its result. */
  async filled(ref: TaskRef, outputs: readonly UploadedOutput[]): Promise<void> {
    for (const { name, parts } of outputs) {
      if (!(await this.uploads.saveParts(ref, name, parts))) throw new OutputNotDeclared(name);
    }
  }

  /** What was made, for people to see: the objects with their size and type. */
  async describe(task: Task, outputs: readonly UploadedOutput[]): Promise<unknown[]> {
    const declared = outputs.length === 0 ? [] : await this.declared(task);
    return declared.flatMap(({ name, bucket, key }) => {
      const files = outputs.filter((output) => output.name === name || output.name.startsWith(`${name}/`));
      const [first] = files;
      if (!first) return [];
      const size = files.reduce((sum, file) => sum + file.size, 0);
      const seen = { name, bucket, key, size };
      // A folder may have a thousand files: it is told as one.
      return isFolder({ key })
        ? { ...seen, contentType: FOLDER_TYPE, files: files.length }
        : { ...seen, contentType: first.contentType };
    });
  }

  async abortAll(ref: TaskRef): Promise<void> {
    for (const upload of await this.uploads.list(ref)) await this.abort(upload);
  }

  /** Aborts what attempts left behind that can no longer win. */
  async abortAbandoned(limit: number): Promise<number> {
    const abandoned = await this.uploads.listAbandoned(limit);
    for (const upload of abandoned) await this.abort(upload);
    return abandoned.length;
  }

  private async abort(upload: TaskUpload): Promise<void> {
    await this.transfers.abortUpload(upload, upload.uploadId);
    await this.uploads.delete(upload);
  }

  private async declared(task: Task): Promise<readonly ObjectReference[]> {
    if (!task.functionVersionId) return [];
    const { config } = await this.functions.getVersion(task.functionVersionId);
    const { payload } = await this.tasks.whole(task);
    const references = objectReferences(config, payload as Json);
    return 'error' in references ? [] : references.outputs;
  }
}
