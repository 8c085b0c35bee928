import { closeInherited, type OpenedSandbox, openSandbox, Sandbox } from '@app/sandbox';
import {
  type DynamicModule,
  type INestApplicationContext,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Capabilities } from './capabilities/capabilities.service.js';
import { CodecTrials } from './capabilities/codec-trials.js';
import { ExecutorConfig } from './config.js';
import { FastLane } from './fast-lane/fast-lane.js';
import { Lanes } from './fast-lane/lane.js';
import { SocketLanes } from './fast-lane/socket.lane.js';
import { CodeCache } from './files/code-cache.js';
import { InputCache } from './files/input-cache.js';
import { TaskFiles } from './files/task-files.js';
import { WorkFolders } from './files/work-folders.js';
import { GatewayClient } from './gateway/gateway.client.js';
import { Instances } from './instances/instances.js';
import { Templates } from './warm/templates.js';
import { WarmInstances } from './warm/warm-instances.js';
import { Capacity } from './worker/capacity.js';
import { Connection } from './worker/connection.js';
import { ExecutorWorker } from './worker/executor.worker.js';
import { Tools } from './worker/tools.js';

export { closeInherited };

/** Begins and ends the work with the process. */
@Injectable()
export class ExecutorLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Executor');

  constructor(
    private readonly worker: ExecutorWorker,
    private readonly sandbox: Sandbox,
    private readonly files: TaskFiles,
    private readonly capabilities: Capabilities,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const swept = await this.sandbox.sweep();
    if (swept > 0) this.logger.warn(`Ended ${swept} sandboxes and processes of an executor that died`);
    await this.files.sweep();
    for (const protection of this.sandbox.protections)
      this.logger.log(`Sandbox "${this.sandbox.driver}": ${protection}`);
    for (const weakness of this.sandbox.weaknesses) this.logger.warn(`Sandbox "${this.sandbox.driver}": ${weakness}`);
    await this.capabilities.start(this.files.folders);
    this.worker.start();
  }

  /** The first of Nest's shutdown steps, so that in one process with the gateway its door is still open. */
  async onModuleDestroy(): Promise<void> {
    this.capabilities.stop();
    await this.worker.stop();
    await this.sandbox.close();
    await this.files.folders.close();
  }
}

/** Trying a driver takes its time: who has other things to do meanwhile begins early. */
export const tryDrivers = ({ sandbox: choice }: ExecutorConfig): Promise<OpenedSandbox> => openSandbox(choice);

async function open(opening: Promise<OpenedSandbox>): Promise<Sandbox> {
  const { sandbox, passedOver } = await opening;
  for (const why of passedOver) new Logger('Executor').log(`Sandbox passed over: ${why}`);
  return sandbox;
}

export interface ExecutorParts {
  readonly opening?: Promise<OpenedSandbox>;
  readonly lanes?: Lanes;
}

@Module({})
export class ExecutorModule {
  /** What is given is used in place of what it would make itself. */
  static forRoot(config: ExecutorConfig, given: ExecutorParts = {}): DynamicModule {
    return {
      module: ExecutorModule,
      providers: [
        { provide: ExecutorConfig, useValue: config },
        { provide: Sandbox, useFactory: () => open(given.opening ?? tryDrivers(config)) },
        given.lanes ? { provide: Lanes, useValue: given.lanes } : { provide: Lanes, useClass: SocketLanes },
        GatewayClient,
        CodeCache,
        InputCache,
        WorkFolders,
        TaskFiles,
        Instances,
        Templates,
        WarmInstances,
        { provide: Capacity, useFactory: () => new Capacity(config.capacity) },
        Connection,
        Tools,
        CodecTrials,
        Capabilities,
        FastLane,
        ExecutorWorker,
        ExecutorLifecycle,
      ],
    };
  }
}

/** Resolves when the gateway has asked this executor to stop; whoever made it closes it then. */
export const drainRequested = (app: INestApplicationContext): Promise<void> => app.get(ExecutorWorker).drainRequested;

/** Of one that is stopping: it waits for its tasks no longer. */
export const hurry = (app: INestApplicationContext): void => app.get(ExecutorWorker).hurry();

/** How functions are kept apart, in words for a person. */
export function sandboxOf(app: INestApplicationContext): string {
  const { driver, protections } = app.get(Sandbox);
  return `${driver}: ${protections[0] ?? ''}`;
}
