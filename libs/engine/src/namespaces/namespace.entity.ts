import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Whose things are whose: names, keys, logs and objects never cross it. */
@Entity('namespace')
export class NamespaceEntity {
  @PrimaryColumn('text')
  name: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
