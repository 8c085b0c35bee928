import type { StoredHistoryEvent } from '@app/engine';
import { Inject, Injectable } from '@nestjs/common';
import { type GatewaySettings, SETTINGS } from '../settings.js';
import { type HistoryEventView, toHistoryEvent } from './history.dto.js';

/** What callers see of a history. */
@Injectable()
export class HistoryViews {
  constructor(@Inject(SETTINGS) private readonly settings: GatewaySettings) {}

  of(executionId: string, events: readonly StoredHistoryEvent[]): HistoryEventView[] {
    return events.map(toHistoryEvent({ executionId, region: this.settings.region }));
  }
}
