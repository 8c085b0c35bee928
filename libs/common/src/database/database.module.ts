import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Wakeups } from '../wakeups/wakeups.js';
import { type DataSourceOptions, migrate, openDataSource } from './data-source.js';
import { Database } from './database.js';

@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DataSourceOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        {
          provide: DataSource,
          useFactory: async () => {
            const dataSource = await openDataSource(options);
            await migrate(dataSource);
            return dataSource;
          },
        },
        Database,
        Wakeups,
      ],
      exports: [Database, Wakeups],
    };
  }
}
