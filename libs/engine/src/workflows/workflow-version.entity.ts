import type { StateMachine } from '@app/workflow';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { WorkflowEntity } from './workflow.entity.js';

/** Immutable once written: a running execution keeps the version it began with. */
@Entity('workflow_version')
export class WorkflowVersionEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'workflow_id' })
  workflowId: string;

  @ManyToOne(() => WorkflowEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'workflow_id' })
  workflow: Relation<WorkflowEntity>;

  @Column('integer')
  version: number;

  @Column('text')
  digest: string;

  @Column('json')
  definition: StateMachine;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
