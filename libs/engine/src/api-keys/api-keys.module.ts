import { Module } from '@nestjs/common';
import { ApiKeysService } from './api-keys.service.js';
import { FirstKeyRepository } from './first-key.repository.js';

@Module({ providers: [ApiKeysService, FirstKeyRepository], exports: [ApiKeysService] })
export class ApiKeysModule {}
