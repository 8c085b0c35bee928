import { Logger } from '@nestjs/common';
import type { Abilities, Registered } from '@app/worker-api';
import type { ExecutorConfig } from '../config.js';
import type { GatewayClient } from '../gateway/gateway.client.js';
import type { Capacity } from './capacity.js';
import { toolsHere } from './tool-builds.js';

export const VERSION = '0.1.0';

/** Who we are to the gateway. Asked for when it is needed; forgotten when the gateway does not know us. */
export class Registration {
  private readonly logger = new Logger(Registration.name);
  private tools: Promise<Record<string, string>> | undefined;
  private current: Promise<Registered> | undefined;
  private abilities: Abilities = {};

  constructor(
    private readonly config: ExecutorConfig,
    private readonly gateway: GatewayClient,
    private readonly capacity: Capacity,
  ) {}

  /** What was found out about this machine since. Whoever registers later says it at once. */
  async learn(abilities: Abilities): Promise<void> {
    this.abilities = { ...this.abilities, ...abilities };
    const registered = await this.current?.catch(() => undefined);
    if (!registered) return;
    const update = { capacity: this.capacity.total, abilities: this.abilities };
    await this.gateway.update(registered.executorId, update).catch(async (error: unknown) => {
      this.logger.warn(`What this executor can do was not taken: ${String(error)}`);
      await this.forget(registered); // The next registration says it.
    });
  }

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

  /** Whoever is not told looks at the lease. */
  async leave(): Promise<void> {
    const registered = await this.current?.catch(() => undefined);
    if (registered) await this.gateway.leave(registered.executorId).catch(() => {});
  }

  private async register(): Promise<Registered> {
    const { name, labels } = this.config;
    const { abilities } = this;
    const capacity = this.capacity.total;
    this.tools ??= toolsHere();
    const registered = await this.gateway.register({
      name,
      labels: [...labels],
      capacity,
      abilities,
      version: VERSION,
      tools: await this.tools,
    });
    if (abilities !== this.abilities) void this.learn({});
    this.logger.log(`Registered as ${registered.executorId} (${name}; ${labels.join(', ')}; ${capacity.slots} slots)`);
    return registered;
  }
}
