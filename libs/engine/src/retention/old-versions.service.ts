import { AppError } from '@app/common';
import { ObjectStore } from '@app/object-store';
import { Injectable } from '@nestjs/common';
import { type OldVersion, OldVersionsRepository } from './old-versions.repository.js';

const BATCH = 200;
const AT_A_TIME = 8;
/** In one go; the rest has time. */
const MAX_BATCHES = 50;

/** Lets the ledger forget versions of objects that are not there any more: what is there must stay known. */
@Injectable()
export class OldVersionsService {
  constructor(
    private readonly versions: OldVersionsRepository,
    private readonly objects: ObjectStore,
  ) {}

  async forget(namespace: string, days: number): Promise<void> {
    for (let done = 0; done < MAX_BATCHES; done++) {
      const old = await this.versions.list(namespace, days, BATCH);
      const gone = await this.listGone(old);
      await this.versions.delete(old.filter((one) => gone.has(one)).map(({ id }) => id));
      await this.versions.saveChecked(old.filter((one) => !gone.has(one)).map(({ id }) => id));
      if (old.length < BATCH) return;
    }
  }

  private async listGone(old: readonly OldVersion[]): Promise<ReadonlySet<OldVersion>> {
    const gone = new Set<OldVersion>();
    let next = 0;
    const look = async (): Promise<void> => {
      for (let one = old[next++]; one; one = old[next++]) if (await this.isGone(one)) gone.add(one);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, look));
    return gone;
  }

  /** Without an ETag there is no telling it from a later version under the same key. */
  private async isGone({ bucket, key, etag }: OldVersion): Promise<boolean> {
    try {
      const facts = await this.objects.head({ bucket, key });
      return etag !== null && facts.etag !== etag;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return true;
      throw error;
    }
  }
}
