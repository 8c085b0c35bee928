import { Link } from 'react-router';
import type { Execution, ExecutionProgress } from '../api/types.js';
import { ProgressBar } from '../invocations/progress-bar.js';
import { CopyButton } from '../ui/copy-button.js';
import { StatusChip } from '../ui/status-chip.js';
import { dateTime, lasted, useNow } from '../ui/time.js';
import { FailureBox } from './failure-box.js';
import type { StateRun } from './state-runs.js';
import { RedriveButton } from './redrive-button.js';
import { RerunButton } from './rerun-button.js';
import { StopButton } from './stop-button.js';

interface HeaderProps {
  readonly execution: Execution;
  readonly isLive: boolean;
  readonly runs: readonly StateRun[];
}

export function ExecutionHeader({ execution, isLive, runs }: HeaderProps) {
  const isRunning = execution.status === 'RUNNING';
  const now = useNow(isRunning);
  return (
    <div className="execution-header">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/executions">Executions</Link>
        <span aria-hidden="true">/</span>
        <Link to={`/executions?workflow=${encodeURIComponent(execution.workflow)}`}>{execution.workflow}</Link>
      </nav>
      <div className="title-row">
        <h1>{execution.name}</h1>
        <StatusChip status={execution.status} />
        <span className="title-end">
          {isRunning && <LiveMark isLive={isLive} />}
          {isRunning && <StopButton execution={execution} />}
          {execution.redriveStatus === 'REDRIVABLE' && <RedriveButton execution={execution} />}
          {!isRunning && !execution.mapRun && <RerunButton execution={execution} />}
        </span>
      </div>
      {isRunning && execution.progress && <Whole {...execution.progress} />}
      <Facts execution={execution} now={now} />
      <p className="visually-hidden" role="status">
        {announcement(execution, runs)}
      </p>
      {execution.error && <FailureBox error={execution.error} cause={execution.cause} />}
    </div>
  );
}

function Whole({ percent, etaSeconds, tasks: { ended, running, waiting } }: ExecutionProgress) {
  const left = etaSeconds === undefined ? '' : `, about ${shortly(etaSeconds)} left`;
  const message = `${ended} of ${ended + running + waiting} known tasks done${left}`;
  return <ProgressBar percent={percent} message={message} />;
}

const shortly = (seconds: number): string => (seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);

function Facts({ execution, now }: { execution: Execution; now: number }) {
  const isRunning = execution.status === 'RUNNING';
  const { event } = execution;
  return (
    <dl className="facts">
      <Fact name="Workflow">
        <Link to={`/workflows/${encodeURIComponent(execution.workflow)}`}>{execution.workflow}</Link>
        <span className="muted">
          {' '}
          version {execution.version}
          {execution.alias && ` by ${execution.alias}`}
        </span>
      </Fact>
      <Fact name="Started">
        <time dateTime={execution.startedAt}>{dateTime(execution.startedAt)}</time>
      </Fact>
      <Fact name={isRunning ? 'Running for' : 'Took'}>{lasted(execution.startedAt, execution.endedAt, now)}</Fact>
      <Fact name="Started by">{execution.trigger ? `trigger ${execution.trigger}` : 'the API'}</Fact>
      {event && <Fact name="Event">{<code title={`${event.source} ${event.id}`}>{event.source}</code>}</Fact>}
      {execution.rerunOf && (
        <Fact name="Run again from">
          <Link to={`/executions/${encodeURIComponent(execution.rerunOf)}`}>another execution</Link>
        </Fact>
      )}
      {Boolean(execution.redriveCount) && <Fact name="Redriven">{execution.redriveCount}×</Fact>}
      {execution.id !== execution.name && (
        <Fact name="Id">
          <code>{execution.id}</code> <CopyButton text={execution.id} label="Copy the id" />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function LiveMark({ isLive }: { isLive: boolean }) {
  return (
    <span className="live muted small" title={isLive ? 'Changes arrive as they happen' : 'Asking every few seconds'}>
      <span className="live-dot" data-live={isLive} aria-hidden="true" />
      {isLive ? 'Live' : 'Connecting…'}
    </span>
  );
}

/** For ears: what is new, in a few words. */
function announcement(execution: Execution, runs: readonly StateRun[]): string {
  if (execution.status !== 'RUNNING')
    return `The execution has ended: ${execution.status.toLowerCase().replace('_', ' ')}`;
  const busy = runs.filter((run) => run.status === 'RUNNING').map((run) => run.stateName);
  return `Running: ${[...new Set(busy)].slice(0, 5).join(', ')}`;
}
