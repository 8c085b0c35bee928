import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A name and its latest version; what it does is in its versions. */
@Entity('workflow')
export class WorkflowEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  namespace: string;

  @Column('text')
  name: string;

  @Column('integer', { name: 'latest_version' })
  latestVersion: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
