import { SYSTEM_BUCKET } from '@app/engine';
import { ObjectStore } from '@app/object-store';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { bucketList, newBucket, type NewBucket } from './objects.dto.js';

@Controller('v1/buckets')
export class BucketsController {
  constructor(private readonly objects: ObjectStore) {}

  @Get()
  @Operation({ summary: 'Lists buckets', answer: bucketList })
  async list() {
    const names = await this.objects.listBuckets();
    return { items: names.filter((name) => name !== SYSTEM_BUCKET).map((name) => ({ name })) };
  }

  @Post()
  @Operation({ summary: 'Makes a bucket, if it is not there yet', status: 201, answer: newBucket })
  async create(@Body({ schema: newBucket }) { name }: NewBucket) {
    await this.objects.ensureBucket(name);
    return { name };
  }
}
