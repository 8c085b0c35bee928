import type { Instance } from '@app/worker-api';
import { Injectable } from '@nestjs/common';

/** A report older than this says nothing about which processes still wait. */
const FRESH_MS = 45_000;

interface Report {
  readonly instances: readonly Instance[];
  readonly at: number;
}

/**
 * Which functions are warm where, as far as this process knows: the executors that exchange with it say so. It is
 * for choosing, not for relying on: an instance that is told of here may be gone.
 */
@Injectable()
export class InstancesService {
  private readonly reports = new Map<string, Report>();

  /** What an executor said. Undefined: as before. */
  report(executorId: string, instances: readonly Instance[] | undefined): void {
    const said = instances ?? this.reports.get(executorId)?.instances;
    if (said) this.reports.set(executorId, { instances: said, at: performance.now() });
  }

  /** The versions of which an instance waits at this executor, for tasks of that namespace or of any. */
  warmVersions(executorId: string, namespace?: string): ReadonlySet<string> {
    const waiting = this.at(executorId).filter((one) => one.state === 'idle');
    const ours = waiting.filter((one) => namespace === undefined || one.namespace === namespace);
    return new Set(ours.flatMap(({ versionId }) => versionId ?? []));
  }

  /** The executors at which an instance of the version waits for a task of the namespace. */
  executorsWith(versionId: string, namespace: string): string[] {
    return [...this.reports.keys()].filter((id) => this.warmVersions(id, namespace).has(versionId));
  }

  /** What an executor has, by its last word. */
  at(executorId: string): readonly Instance[] {
    const report = this.reports.get(executorId);
    if (!report) return [];
    if (performance.now() - report.at <= FRESH_MS) return report.instances;
    this.reports.delete(executorId);
    return [];
  }
}
