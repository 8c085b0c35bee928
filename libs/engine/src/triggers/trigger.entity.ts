import type { TriggerKind } from '@app/events';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { QueryLanguage, TriggerSource, TriggerTarget } from './new-trigger.js';

@Entity('trigger')
export class TriggerEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  namespace: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: TriggerKind;

  @Column('jsonb')
  source: TriggerSource;

  @Column('jsonb')
  target: TriggerTarget;

  /** A payload template; SQL's null when there is none. */
  @Column('json', { nullable: true })
  input: unknown;

  /** JSONPath when null. */
  @Column('text', { name: 'query_language', nullable: true })
  queryLanguage: QueryLanguage | null;

  /** A template of a text; SQL's null when there is none. */
  @Column('json', { name: 'execution_name', nullable: true })
  executionName: string | null;

  /** An event pattern; SQL's null when there is none. */
  @Column('json', { nullable: true })
  pattern: unknown;

  @Column('boolean')
  enabled: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
