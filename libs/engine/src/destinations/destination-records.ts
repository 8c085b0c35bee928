import type { JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { FunctionsService } from '../functions/functions.service.js';
import { InvocationsService } from '../invocations/invocations.service.js';
import { destinationRecord } from './destination-record.js';
import type { DestinationDelivery } from './destination.repository.js';

/** What destinations are told, of invocations as they are now. */
@Injectable()
export class DestinationRecords {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly functions: FunctionsService,
  ) {}

  async of({ namespace, taskId, condition, calls, createdAt }: DestinationDelivery): Promise<JsonObject> {
    const task = await this.invocations.get(namespace, taskId);
    const found = await this.functions.getVersion(task.functionVersionId ?? '').catch(() => undefined);
    const at = createdAt.toISOString();
    return destinationRecord({ task, version: found?.version, condition, calls, at });
  }
}
