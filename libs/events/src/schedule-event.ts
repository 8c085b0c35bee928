import { type CloudEvent, cloudEvent } from './cloud-event.js';

export const SCHEDULE_TICK = 'spool.schedule.tick';

export type ScheduleEventData = { scheduledAt: string };

export const scheduleSourceOf = (triggerName: string): string => `/schedules/${triggerName}`;

/** One tick of one trigger. The id is the planned time, so two routers that fire the same tick make one event. */
export function scheduleEvent(triggerName: string, scheduledAt: Date | number): CloudEvent<ScheduleEventData> {
  const time = new Date(scheduledAt).toISOString();
  return cloudEvent({
    id: time,
    source: scheduleSourceOf(triggerName),
    type: SCHEDULE_TICK,
    time,
    data: { scheduledAt: time },
  });
}
