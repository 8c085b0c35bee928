import { setTimeout as sleep } from 'node:timers/promises';
import { ExecutorsService } from '@app/engine';
import { Injectable } from '@nestjs/common';
import { type InstanceView, toInstances } from '../executors/executors.dto.js';
import { HEARTBEAT, type ServerSentEvent } from '../shell/server-sent-events.js';

const LOOK_MS = 1_000;
const HEARTBEAT_MS = 15_000;

/** The instances of a namespace as they come, change and go. */
@Injectable()
export class InstanceStream {
  constructor(private readonly executors: ExecutorsService) {}

  async *follow(namespace: string, signal: AbortSignal): AsyncGenerator<ServerSentEvent | typeof HEARTBEAT> {
    const seen = new Map<string, string>();
    let spokeAt = Date.now();
    while (!signal.aborted) {
      const now = (await this.executors.list()).flatMap((executor) => toInstances(executor, namespace));
      const news = changes(seen, now);
      yield* news;
      if (news.length > 0) spokeAt = Date.now();
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
      if (Date.now() - spokeAt < HEARTBEAT_MS) continue;
      yield HEARTBEAT;
      spokeAt = Date.now();
    }
  }
}

function changes(seen: Map<string, string>, now: readonly InstanceView[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  for (const one of now) {
    const text = JSON.stringify({ ...one, ageMs: 0, idleMs: 0 });
    if (seen.get(one.id) === text) continue;
    seen.set(one.id, text);
    events.push({ event: 'instance', data: one });
  }
  const there = new Set(now.map(({ id }) => id));
  for (const id of [...seen.keys()].filter((known) => !there.has(known))) {
    seen.delete(id);
    events.push({ event: 'gone', data: { id } });
  }
  return events;
}
