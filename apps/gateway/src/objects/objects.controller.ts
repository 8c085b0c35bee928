import { ObjectStore, ObjectTransfers } from '@app/object-store';
import { Controller, Get, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { objectPage, type ObjectQuery, objectQuery, objectUrl, type UrlQuery, urlQuery } from './objects.dto.js';

/** Long enough to watch a film. */
const URL_SECONDS = 6 * 3_600;

@Controller('v1/objects')
export class ObjectsController {
  constructor(
    private readonly objects: ObjectStore,
    private readonly transfers: ObjectTransfers,
  ) {}

  @Get()
  @Operation({ summary: 'Lists the objects of a bucket, in the order of their keys', answer: objectPage })
  async list(@Query({ schema: objectQuery }) { bucket, prefix, limit, cursor }: ObjectQuery) {
    const range = { limit, ...(prefix && { prefix }), ...(cursor && { after: cursor }) };
    const { objects, next } = await this.objects.list(bucket, range);
    const items = objects.map(({ key, size, etag, lastModified }) => ({
      key,
      size,
      etag,
      lastModified: lastModified.toISOString(),
    }));
    return { items, ...(next && { nextCursor: next }) };
  }

  @Get('url')
  @Operation({
    summary: 'Gives an address to read or play an object at, for a while and without a key',
    answer: objectUrl,
  })
  async url(@Query({ schema: urlQuery }) ref: UrlQuery) {
    const { size, contentType } = await this.objects.head(ref);
    const expiresAt = new Date(Date.now() + URL_SECONDS * 1_000).toISOString();
    return { url: await this.transfers.presignGet(ref, URL_SECONDS), size, contentType, expiresAt };
  }
}
