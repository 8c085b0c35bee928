import { InvalidRequest, toIssues } from '@app/common';
import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';

/**
 * Checks every `@Body({ schema })`, `@Query({ schema })` and `@Param('id', { schema })`. Pointers of a body point
 * into it; those of a query or a path begin with `/query` or `/path`.
 */
@Injectable()
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, { schema, type, data }: ArgumentMetadata): Promise<unknown> {
    if (!(schema instanceof z.ZodType)) return value;
    const parsed = await schema.safeParseAsync(value);
    if (parsed.success) return parsed.data;
    const place = type === 'query' ? ['query'] : type === 'param' ? ['path'] : [];
    throw new InvalidRequest(toIssues(parsed.error.issues, [...place, ...(data ? [data] : [])]));
  }
}
