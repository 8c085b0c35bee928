import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Fates {
  dropped: number;
  doubled: number;
}

/** Stands between a store and the gateway: says that it took everything, drops a tenth and passes a fifth on twice. */
export class UnreliableNotifier {
  readonly fates: Fates = { dropped: 0, doubled: 0 };

  private constructor(
    private readonly server: Server,
    private readonly target: { url: string; key: string },
  ) {}

  static async start(target: { url: string; key: string }): Promise<UnreliableNotifier> {
    const server = createServer();
    const notifier = new UnreliableNotifier(server, target);
    server.on('request', async (request, response) => {
      const status = await notifier.handle(await text(request)).catch(() => 503);
      response.writeHead(status).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return notifier;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async handle(body: string): Promise<number> {
    const fate = Math.random();
    if (body === '') return 200;
    if (fate < 0.1) this.fates.dropped++;
    if (fate < 0.1) return 200;
    if (fate < 0.3) this.fates.doubled++;
    const statuses = await Promise.all(Array.from({ length: fate < 0.3 ? 2 : 1 }, () => this.pass(body)));
    return Math.max(...statuses);
  }

  private async pass(body: string): Promise<number> {
    const headers = { authorization: `Bearer ${this.target.key}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.target.url}/v1/hooks/s3`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  }
}
