import { ApiKeysService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { apiKeyList, createdApiKey, newApiKey, type NewApiKey, toApiKeyView } from './api-keys.dto.js';

@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @Operation({ summary: 'Makes another key for the namespace of yours', status: 201, answer: createdApiKey })
  create(@Namespace() namespace: string, @Body({ schema: newApiKey }) { name }: NewApiKey) {
    return this.keys.create(namespace, name);
  }

  @Get()
  @Operation({ summary: 'Lists keys by their names and beginnings', answer: apiKeyList })
  async list(@Namespace() namespace: string) {
    return { items: (await this.keys.list(namespace)).map(toApiKeyView) };
  }

  @Delete(':id')
  @Operation({ summary: 'Revokes a key: the next request with it is refused', status: 204 })
  async revoke(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string): Promise<void> {
    await this.keys.revoke(namespace, id);
  }
}
