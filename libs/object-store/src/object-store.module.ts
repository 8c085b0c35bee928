import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { ObjectStore } from './object-store.js';
import { ObjectTransfers } from './object-transfers.js';
import { S3Clients } from './s3/s3-clients.js';
import type { S3StoreOptions } from './s3/s3-options.js';
import { S3ObjectStore } from './s3/s3.object-store.js';
import { S3ObjectTransfers } from './s3/s3.object-transfers.js';

/** ObjectStore and ObjectTransfers on an S3 store, for the whole application. */
@Module({})
export class ObjectStoreModule implements OnModuleDestroy {
  constructor(@Inject(S3Clients) private readonly clients: S3Clients) {}

  static forRoot(options: S3StoreOptions): DynamicModule {
    const inject = [S3Clients];
    return {
      module: ObjectStoreModule,
      global: true,
      providers: [
        { provide: S3Clients, useFactory: () => new S3Clients(options) },
        { provide: ObjectStore, useFactory: (clients: S3Clients) => new S3ObjectStore(clients), inject },
        { provide: ObjectTransfers, useFactory: (clients: S3Clients) => new S3ObjectTransfers(clients), inject },
      ],
      exports: [ObjectStore, ObjectTransfers],
    };
  }

  onModuleDestroy(): void {
    this.clients.close();
  }
}
