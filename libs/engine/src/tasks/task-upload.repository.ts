import { Database, sql } from '@app/common';
import type { TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';

export interface Part {
  readonly partNumber: number;
  readonly etag: string;
}

/** An output being brought up by an attempt; `parts` is there once the attempt has succeeded. */
export interface TaskUpload {
  readonly taskId: string;
  readonly attempt: number;
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly Part[] | undefined;
}

interface UploadRow {
  task_id: string;
  attempt: number;
  name: string;
  bucket: string;
  key: string;
  upload_id: string;
  parts: Part[] | null;
}

@Injectable()
export class TaskUploadRepository {
  constructor(private readonly database: Database) {}

  /** Gives back the upload that this one replaces, if the attempt had opened one of this name before. */
  async save({ taskId, attempt, name, bucket, key, uploadId }: TaskUpload): Promise<void> {
    await this.database.query(sql`
      insert into task_upload (task_id, attempt, name, bucket, key, upload_id)
      values (${taskId}, ${attempt}, ${name}, ${bucket}, ${key}, ${uploadId})`);
  }

  async find({ id, attempt }: TaskRef, name: string): Promise<TaskUpload | undefined> {
    const [row] = await this.database.query<UploadRow>(sql`
      select * from task_upload where task_id = ${id} and attempt = ${attempt} and name = ${name}`);
    return row && toUpload(row);
  }

  /** The deepest in a folder first: what lists the others, such as a playlist, is published when they are there. */
  async list({ id, attempt }: TaskRef): Promise<TaskUpload[]> {
    const rows = await this.database.query<UploadRow>(sql`
      select * from task_upload where task_id = ${id} and attempt = ${attempt}
      order by length(name) - length(replace(name, '/', '')) desc, name`);
    return rows.map(toUpload);
  }

  async saveParts({ id, attempt }: TaskRef, name: string, parts: readonly Part[]): Promise<boolean> {
    const rows = await this.database.query(sql`
      update task_upload set parts = ${JSON.stringify(parts)}::jsonb
      where task_id = ${id} and attempt = ${attempt} and name = ${name} returning name`);
    return rows.length === 1;
  }

  async delete({ taskId, attempt, name }: TaskUpload): Promise<void> {
    await this.database.query(sql`
      delete from task_upload where task_id = ${taskId} and attempt = ${attempt} and name = ${name}`);
  }

  async deleteAll({ id, attempt }: TaskRef): Promise<void> {
    await this.database.query(sql`delete from task_upload where task_id = ${id} and attempt = ${attempt}`);
  }

  /** Uploads whose attempt can no longer win: it failed, was cancelled, or was lost to a newer one. */
  async listAbandoned(limit: number): Promise<TaskUpload[]> {
    const rows = await this.database.query<UploadRow>(sql`
      select task_upload.* from task_upload join task on task.id = task_upload.task_id
      where task.attempt <> task_upload.attempt or task.status not in ('RUNNING', 'PUBLISHING')
      limit ${limit}`);
    return rows.map(toUpload);
  }
}

const toUpload = (row: UploadRow): TaskUpload => ({
  taskId: row.task_id,
  attempt: row.attempt,
  name: row.name,
  bucket: row.bucket,
  key: row.key,
  uploadId: row.upload_id,
  parts: row.parts ?? undefined,
});
