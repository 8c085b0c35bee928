import type { ValueRef } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { MAX_INLINE_BYTES, refOf } from '../payloads/payload-marks.js';
import type { Use } from '../payloads/payload.repository.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import type { CallRecord } from './call-record.js';

type Recorded = Pick<CallRecord, 'call'> & Partial<Pick<CallRecord, 'end'>>;

/** Where the event and the result of a call are, if they are too large for its row. */
export interface CallRefs {
  readonly payload?: ValueRef;
  readonly output?: ValueRef;
}

/** Puts large events and results of calls into the object store, before the rows that refer to them. */
@Injectable()
export class LargeCallValues {
  constructor(private readonly payloads: PayloadsService) {}

  async store(records: readonly Recorded[]): Promise<CallRefs[]> {
    const refs: CallRefs[] = [];
    for (const { call, end } of records) {
      const payload = await this.refOf(call.namespace, call.event);
      const output = await this.refOf(call.namespace, end?.output);
      refs.push({ ...(payload && { payload }), ...(output && { output }) });
    }
    return refs;
  }

  private async refOf(namespace: string, text: Buffer | undefined): Promise<ValueRef | undefined> {
    if (!text || text.length <= MAX_INLINE_BYTES) return undefined;
    const value = parsed(text);
    await this.payloads.store(namespace, [value]);
    return refOf(value, namespace);
  }
}

/** Nobody has looked whether a function's result is JSON: if not, the row is refused, and says so. */
function parsed(text: Buffer): Json {
  try {
    return JSON.parse(text.toString()) as Json;
  } catch {
    return null;
  }
}

export const usesOf = (records: readonly Recorded[], refs: readonly CallRefs[]): Use[] =>
  records.flatMap(({ call: { id, namespace } }, index) =>
    Object.values(refs[index] ?? {}).map((ref: ValueRef) => ({ holder: id, namespace, ref })),
  );
