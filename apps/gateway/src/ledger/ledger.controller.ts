import { InvalidRequest } from '@app/common';
import { LedgerFiguresRepository, SweepsService } from '@app/engine';
import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { bucket, ledgerEntries, ledgerList, type LedgerQuery, ledgerQuery, ledgerView } from './ledger.dto.js';

@Controller('v1')
export class LedgerController {
  constructor(
    private readonly ledger: LedgerFiguresRepository,
    private readonly sweeps: SweepsService,
  ) {}

  @Get('buckets/:bucket/ledger')
  @Operation({ summary: 'Shows how complete the events of a bucket are', answer: ledgerView })
  async show(@Namespace() namespace: string, @Param('bucket', { schema: bucket }) name: string) {
    return this.view(namespace, name);
  }

  @Get('ledger')
  @Operation({ summary: 'Shows the same of each bucket that triggers wait for', answer: ledgerList })
  async listBuckets(@Namespace() namespace: string) {
    const buckets = await this.ledger.listBuckets(namespace);
    const views = buckets.map(async (name) => ({ bucket: name, ...(await this.view(namespace, name)) }));
    return { items: await Promise.all(views) };
  }

  @Get('buckets/:bucket/ledger/objects')
  @Operation({ summary: 'Lists the versions of objects that triggers wait for, newest first', answer: ledgerEntries })
  async list(
    @Namespace() namespace: string,
    @Param('bucket', { schema: bucket }) name: string,
    @Query({ schema: ledgerQuery }) { healed, limit }: LedgerQuery,
  ) {
    const found = await this.ledger.list(namespace, name, healed, limit);
    return {
      items: found.map((entry) => ({
        ...entry,
        seenAt: entry.seenAt.toISOString(),
        notifiedAt: iso(entry.notifiedAt),
        listedAt: iso(entry.listedAt),
      })),
    };
  }

  @Post('buckets/:bucket/sweep')
  @Operation({ summary: 'Reads the listing of a bucket now, for objects that no notification told of', status: 204 })
  async sweep(@Namespace() namespace: string, @Param('bucket', { schema: bucket }) name: string): Promise<void> {
    if (await this.sweeps.hasten(namespace, name)) return;
    throw new InvalidRequest([{ pointer: '/path/bucket', message: 'must be a bucket that a trigger waits for' }]);
  }

  private async view(namespace: string, name: string) {
    const [figures, sweep] = [await this.ledger.figures(namespace, name), await this.ledger.sweep(namespace, name)];
    if (!sweep) return figures;
    const { startedAt, finishedAt, nextAt, ...rest } = sweep;
    const times = { startedAt: iso(startedAt), finishedAt: iso(finishedAt), nextAt: nextAt.toISOString() };
    return { ...figures, sweep: { ...rest, ...times } };
  }
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
