import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('api_key')
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  namespace: string;

  @Column('text')
  name: string;

  /** The first characters, by which a person recognises the key. */
  @Column('text')
  prefix: string;

  /** SHA-256, in hex. A key has 256 random bits, so a slow hash would protect nothing more. */
  @Column('text')
  hash: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
