import { Logger } from '@nestjs/common';
import type { Registered } from '@app/worker-api';
import type { ExecutorConfig } from '../config.js';
import type { GatewayClient } from '../gateway/gateway.client.js';

export const VERSION = '0.1.0';

/** Who we are to the gateway. Asked for when it is needed; forgotten when the gateway does not know us. */
export class Registration {
  private readonly logger = new Logger(Registration.name);
  private current: Promise<Registered> | undefined;

  constructor(
    private readonly config: ExecutorConfig,
    private readonly gateway: GatewayClient,
  ) {}

  async get(): Promise<Registered> {
    this.current ??= this.register();
    try {
      return await this.current;
    } catch (error) {
      this.current = undefined;
      throw error;
    }
  }

  /** Only if it is still this one: two requests may learn of it at the same time. */
  async forget({ executorId }: Registered): Promise<void> {
    const current = await this.current?.catch(() => undefined);
    if (current?.executorId === executorId) this.current = undefined;
  }

  private async register(): Promise<Registered> {
    const { name, labels, capacity } = this.config;
    const registered = await this.gateway.register({ name, labels: [...labels], capacity, version: VERSION });
    this.logger.log(`Registered as ${registered.executorId} (${name}; ${labels.join(', ')}; ${capacity.slots} slots)`);
    return registered;
  }
}
