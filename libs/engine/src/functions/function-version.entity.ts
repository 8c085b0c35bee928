import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import type { FunctionConfig } from './function-config.js';
import { FunctionEntity } from './function.entity.js';

/** Immutable once written. */
@Entity('function_version')
export class FunctionVersionEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'function_id' })
  functionId: string;

  @ManyToOne(() => FunctionEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'function_id' })
  function: Relation<FunctionEntity>;

  @Column('integer')
  version: number;

  /** Over code and configuration: the same thing deployed twice is one version. */
  @Column('text')
  digest: string;

  @Column('text', { name: 'code_digest', nullable: true })
  codeDigest: string | null;

  @Column('json')
  config: FunctionConfig;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
