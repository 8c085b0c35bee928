import { Link, useParams } from 'react-router';
import { useCallsOf, useEventConfig } from '../api/queries.js';
import type { CallDestination, EventInvokeConfig, Invocation } from '../api/types.js';
import { RunLink } from '../invocations/run-link.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { StatusChip } from '../ui/status-chip.js';
import { TableHead } from '../ui/table-head.js';
import { ago, duration, useNow } from '../ui/time.js';
import { useTitle } from '../ui/use-title.js';
import { EventConfigButton } from './event-config-button.js';
import { FunctionFacts } from './function-facts.js';
import { InvokeButton } from './invoke-button.js';

export function FunctionPage() {
  const { name = '' } = useParams();
  useTitle(name);
  const config = useEventConfig(name);
  const calls = useCallsOf(name);
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/functions">Functions</Link>
      </nav>
      <div className="page-head">
        <h1>{name}</h1>
        <span className="title-end">
          <InvokeButton name={name} />
          {config.data && <EventConfigButton name={name} config={config.data} />}
        </span>
      </div>
      <FunctionFacts name={name} />
      {config.error && <ProblemBox error={config.error} />}
      {config.isPending && <Loading what="the function" />}
      {config.data && <EventConfig config={config.data} />}
      {calls.data && calls.data.length > 0 && <LastCalls calls={calls.data} />}
    </>
  );
}

function EventConfig({ config }: { config: EventInvokeConfig }) {
  const { maximumRetryAttempts, retryIntervalSeconds, maximumEventAgeSeconds, onSuccess, onFailure } = config;
  return (
    <section className="card" aria-labelledby="async-title">
      <h2 id="async-title">Asynchronous invocations</h2>
      <dl className="facts">
        <div>
          <dt>Run again</dt>
          <dd>
            {maximumRetryAttempts === 0
              ? 'never'
              : `up to ${maximumRetryAttempts} times, first after ${duration(retryIntervalSeconds * 1_000)}`}
          </dd>
        </div>
        <div>
          <dt>Given up after</dt>
          <dd>{duration(maximumEventAgeSeconds * 1_000)}</dd>
        </div>
        <div>
          <dt>On success</dt>
          <dd>{onSuccess ? <Destination of={onSuccess} /> : 'nobody is told'}</dd>
        </div>
        <div>
          <dt>On failure</dt>
          <dd>{onFailure ? <Destination of={onFailure} /> : <Link to="/dead-letters">to the dead letters</Link>}</dd>
        </div>
      </dl>
    </section>
  );
}

function Destination({ of: { topic, function: called, workflow } }: { of: CallDestination }) {
  if (workflow) return <Link to={`/workflows/${encodeURIComponent(workflow)}`}>workflow {workflow}</Link>;
  if (called) return <Link to={`/functions/${encodeURIComponent(called)}`}>function {called}</Link>;
  return <>topic {topic}</>;
}

function LastCalls({ calls }: { calls: readonly Invocation[] }) {
  const now = useNow(true);
  return (
    <section className="card table-card table-scroll" aria-label="The last runs">
      <table>
        <TableHead columns={['Run', 'Status', 'Way', 'Attempt', 'Error', 'Accepted']} />
        <tbody>
          {calls.map(({ id, status, lane, attempt, error, createdAt, executionId }) => (
            <tr key={id}>
              <td>
                <RunLink id={id} executionId={executionId} />
              </td>
              <td>
                <StatusChip status={status} />
              </td>
              <td>{lane === 'fast' ? 'fast lane' : 'queue'}</td>
              <td className="number">{attempt}</td>
              <td>{error ?? ''}</td>
              <td>{ago(createdAt, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
