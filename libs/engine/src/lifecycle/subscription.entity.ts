import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Destination, LifecycleEventType } from './subscription.js';

@Entity('subscription')
export class SubscriptionEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  namespace: string;

  @Column('text')
  name: string;

  /** SQL's null for all of them. */
  @Column('text', { array: true, nullable: true })
  workflows: string[] | null;

  @Column('text', { array: true, nullable: true })
  functions: string[] | null;

  @Column('text', { array: true, nullable: true })
  types: LifecycleEventType[] | null;

  @Column('jsonb')
  destination: Destination;

  @Column('boolean')
  enabled: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
