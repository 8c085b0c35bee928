import { Link } from 'react-router';
import { useList } from '../api/queries.js';
import type { Invocation } from '../api/types.js';
import { FailureBox } from '../execution/failure-box.js';
import { isOver } from '../execution/load-history.js';
import { StatusChip } from '../ui/status-chip.js';
import { lasted, useNow } from '../ui/time.js';
import { LogView } from './log-view.js';
import { WaitingFor } from './waiting-for.js';
import { ProgressBar } from './progress-bar.js';

/** What it says, how fast it is, and when it will be done. */
function told({ message, speed, etaSeconds }: NonNullable<Invocation['progress']>): string | undefined {
  const more = [speed && `${speed} times as fast as it plays`, etaSeconds && `about ${etaSeconds} s left`];
  return [message, ...more].filter(Boolean).join(', ') || undefined;
}

function CachedFrom({ invocation, execution, savedCpuMs }: NonNullable<Invocation['cachedFrom']>) {
  const saved = `saved ${(savedCpuMs / 1_000).toFixed(1)} s of CPU`;
  return (
    <span title={`Invocation ${invocation}`}>
      served from the cache of{' '}
      {execution ? <Link to={`/executions/${execution}`}>an earlier run</Link> : 'an earlier run'}, {saved}
    </span>
  );
}

/** One invocation: where it ran, how far it is, and what it said. */
export function InvocationCard({ invocation }: { invocation: Invocation }) {
  const isBusy = !isOver(invocation);
  const now = useNow(isBusy);
  const { startedAt, endedAt, createdAt, progress } = invocation;
  const executor = useList('executors').data?.find((one) => one.id === invocation.executor);
  return (
    <article className="invocation" aria-label={`Invocation of ${invocation.function}`}>
      <header>
        <h3>{invocation.function}</h3>
        <StatusChip status={invocation.status} />
      </header>
      <p className="muted small invocation-facts">
        <span>Attempt {Math.max(1, invocation.attempt)}</span>
        {invocation.version != null && <span>version {invocation.version}</span>}
        {executor && <span>on {executor.name}</span>}
        {invocation.cachedFrom && <CachedFrom {...invocation.cachedFrom} />}
        {startedAt ? (
          <span>{lasted(startedAt, endedAt, now)}</span>
        ) : (
          <span>waiting for {lasted(createdAt, endedAt, now)}</span>
        )}
        {startedAt && <span>queued {lasted(createdAt, startedAt, now)}</span>}
      </p>
      {invocation.status === 'QUEUED' && <WaitingFor id={invocation.id} />}
      {isBusy && progress && <ProgressBar percent={progress.percent} message={told(progress)} />}
      {invocation.error && <FailureBox error={invocation.error} cause={invocation.cause} />}
      <LogView invocationId={invocation.id} isLive={isBusy} />
    </article>
  );
}
