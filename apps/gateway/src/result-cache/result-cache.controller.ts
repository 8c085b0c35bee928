import { ResultCacheService } from '@app/engine';
import { Controller, Delete, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { listOf } from '../shell/pages.js';

const figures = listOf(
  z
    .object({
      function: z.string(),
      entries: z.int(),
      hits: z.int().meta({ description: 'How often results that are kept were served' }),
      savedCpuMs: z.number().meta({ description: 'CPU time that this has saved' }),
    })
    .meta({ id: 'ResultCacheFigures' }),
);
const cleared = z.object({ deleted: z.int() }).meta({ id: 'ClearedResultCache' });
const clearQuery = z.object({ function: name.optional().meta({ description: 'Of this function only' }) });

@Controller('v1/result-cache')
export class ResultCacheController {
  constructor(private readonly cache: ResultCacheService) {}

  @Get()
  @Operation({ summary: 'Shows what is kept of results of deterministic functions, by function', answer: figures })
  async list(@Namespace() namespace: string) {
    return { items: await this.cache.figures(namespace) };
  }

  @Delete()
  @Operation({ summary: 'Forgets results, so that their work is done again; their outputs stay', answer: cleared })
  async clear(
    @Namespace() namespace: string,
    @Query({ schema: clearQuery }) { function: functionName }: z.output<typeof clearQuery>,
  ) {
    return { deleted: await this.cache.clear(namespace, functionName) };
  }
}
