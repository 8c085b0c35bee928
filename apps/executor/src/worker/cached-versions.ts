import type { Assignment } from '@app/worker-api';

const MAX = 100;

/** Versions of functions whose code was fetched here, the latest last. */
export class CachedVersions {
  private readonly ids = new Set<string>();

  list(): string[] {
    return [...this.ids];
  }

  add({ versionId, codeDigest }: Assignment['function']): void {
    if (versionId === undefined || codeDigest === undefined) return;
    this.ids.delete(versionId);
    this.ids.add(versionId);
    const [oldest] = this.ids;
    if (this.ids.size > MAX && oldest !== undefined) this.ids.delete(oldest);
  }
}
