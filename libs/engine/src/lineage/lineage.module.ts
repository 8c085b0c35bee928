import { Module } from '@nestjs/common';
import { LineageRepository } from './lineage.repository.js';

@Module({ providers: [LineageRepository], exports: [LineageRepository] })
export class LineageModule {}
