import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Abilities, Poll, PollAnswer, Registered } from '@app/worker-api';
import { ExecutorConfig } from '../config.js';
import { GatewayClient } from '../gateway/gateway.client.js';
import { GatewayRefused } from '../gateway/gateway.errors.js';
import { backoffMs } from '../gateway/retry.js';
import { Capacity } from './capacity.js';
import { Registration } from './registration.js';

const MAX_REST_MS = 5_000;

/** Exchanges with the gateway as a registered executor, through outages and a gateway that has forgotten us. */
@Injectable()
export class Connection {
  private readonly logger = new Logger(Connection.name);
  private readonly registration: Registration;
  private failures = 0;
  heartbeatMs: number | undefined;

  constructor(
    config: ExecutorConfig,
    private readonly gateway: GatewayClient,
    capacity: Capacity,
  ) {
    this.registration = new Registration(config, gateway, capacity);
  }

  learn(abilities: Abilities): Promise<void> {
    return this.registration.learn(abilities);
  }

  registered(): Promise<Registered> {
    return this.registration.get();
  }

  leave(): Promise<void> {
    return this.registration.leave();
  }

  /** The answer, or why there is none. */
  async exchange(poll: Poll, signal: AbortSignal): Promise<PollAnswer | Error> {
    try {
      const registered = await this.registration.get();
      this.heartbeatMs = registered.heartbeatSeconds * 1000;
      const answer = await this.gateway.poll(registered.executorId, poll, signal).catch(async (error: unknown) => {
        if (isUnknown(error)) await this.registration.forget(registered);
        throw error;
      });
      if (this.failures > 0) this.logger.log('The gateway answers again');
      this.failures = 0;
      return answer;
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      if (!signal.aborted && this.failures++ === 0) this.logger.warn(`${reason.message}; trying again`);
      return reason;
    }
  }

  /** After a failure, longer each time. Running tasks go on meanwhile. */
  async rest(signal: AbortSignal): Promise<void> {
    await sleep(backoffMs(this.failures, MAX_REST_MS), undefined, { signal }).catch(() => {});
  }
}

/** The gateway does not know this executor (any more). */
const isUnknown = (error: unknown): boolean =>
  error instanceof GatewayRefused && (error.status === 404 || error.status === 410);
