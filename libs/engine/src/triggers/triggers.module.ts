import { Module } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Module({ providers: [TriggersService], exports: [TriggersService] })
export class TriggersModule {}
