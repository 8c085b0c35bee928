import { Database } from '@app/common';
import { type NewTask, TaskQueueRepository } from '@app/queue';
import { type Json, measure } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { refOf } from '../payloads/payload-marks.js';
import { QuotasService } from '../placement/quotas.service.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { InvocationInputTooLarge } from './invocations.errors.js';

/** Puts invocations into the queue; a large input into the object store, before that. */
@Injectable()
export class NewInvocations {
  constructor(
    private readonly database: Database,
    private readonly queue: TaskQueueRepository,
    private readonly payloads: PayloadsService,
    private readonly quotas: QuotasService,
  ) {}

  async insert(task: NewTask): Promise<void> {
    const { id, namespace } = task;
    await this.quotas.admit(namespace);
    const input = task.payload as Json;
    const { maxBytes } = this.payloads;
    if (measure(input, maxBytes).bytes > maxBytes) throw new InvocationInputTooLarge(maxBytes);
    await this.payloads.store(namespace, [input]);
    const payloadRef = refOf(input, namespace);
    if (!payloadRef) return this.queue.insert([task]);
    await this.database.transaction(async () => {
      await this.queue.insert([{ ...task, payloadRef }]);
      await this.payloads.use(id, namespace, [input]);
    });
  }
}
