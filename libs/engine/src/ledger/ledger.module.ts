import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { LineageModule } from '../lineage/lineage.module.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { BucketSweepRepository } from './bucket-sweep.repository.js';
import { LedgerFiguresRepository } from './ledger-figures.repository.js';
import { LedgerRepository } from './ledger.repository.js';
import { LedgerService } from './ledger.service.js';
import { ObjectEventsService } from './object-events.service.js';
import { StoreNotificationsService } from './store-notifications.service.js';
import { SweepsService } from './sweeps.service.js';

@Module({
  imports: [EventsModule, LineageModule, TriggersModule],
  providers: [
    BucketSweepRepository,
    LedgerFiguresRepository,
    LedgerRepository,
    LedgerService,
    ObjectEventsService,
    StoreNotificationsService,
    SweepsService,
  ],
  exports: [LedgerFiguresRepository, LedgerService, StoreNotificationsService, SweepsService],
})
export class LedgerModule {}
