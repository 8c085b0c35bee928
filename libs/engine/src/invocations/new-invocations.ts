import { Database } from '@app/common';
import { type NewTask, TaskQueueRepository } from '@app/queue';
import { type Json, measure } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AsynchronousCallRepository, type NewAsynchronousCall } from '../asynchronous/asynchronous-call.repository.js';
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
    private readonly calls: AsynchronousCallRepository,
  ) {}

  /** The id of the invocation: that of an earlier one, if the key of an asynchronous one stands for it. */
  async insert(task: NewTask, asynchronous?: NewAsynchronousCall): Promise<string> {
    const { id, namespace } = task;
    await this.quotas.admit(namespace);
    const input = task.payload as Json;
    const { maxBytes } = this.payloads;
    if (measure(input, maxBytes).bytes > maxBytes) throw new InvocationInputTooLarge(maxBytes);
    await this.payloads.store(namespace, [input]);
    const payloadRef = refOf(input, namespace);
    if (!payloadRef && !asynchronous) return this.queue.insert([task]).then(() => id);
    return this.database.transaction(async () => {
      const first = await this.firstOf(task, asynchronous);
      if (first !== id) return first;
      await this.queue.insert([
        { ...task, ...(payloadRef && { payloadRef }), asynchronous: asynchronous !== undefined },
      ]);
      if (payloadRef) await this.payloads.use(id, namespace, [input]);
      if (asynchronous) await this.calls.insert(task, asynchronous);
      return id;
    });
  }

  private async firstOf(task: NewTask, asynchronous: NewAsynchronousCall | undefined): Promise<string> {
    const dedup = asynchronous?.dedup;
    return dedup ? this.calls.takeKey(task, dedup.key, dedup.seconds) : task.id;
  }
}
