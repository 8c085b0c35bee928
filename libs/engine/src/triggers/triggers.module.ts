import { Module } from '@nestjs/common';
import { NextTickRepository } from './next-tick.repository.js';
import { TriggersService } from './triggers.service.js';

@Module({ providers: [NextTickRepository, TriggersService], exports: [TriggersService] })
export class TriggersModule {}
