import { Link, useParams } from 'react-router';
import { useExecutions, useTicks, useTrigger } from '../api/queries.js';
import type { Json, Trigger } from '../api/types.js';
import { ExecutionTable } from '../executions/execution-table.js';
import { JsonView } from '../ui/json-view.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { dateTime } from '../ui/time.js';
import { useTitle } from '../ui/use-title.js';
import { PauseButton } from './pause-button.js';
import { ReplayButton } from './replay-button.js';
import { sourceText } from './source-text.js';
import { TargetLink } from './target-link.js';
import { TopicPlace } from './topic-place.js';

export function TriggerPage() {
  const { name = '' } = useParams();
  useTitle(name);
  const { data, error, isPending } = useTrigger(name);
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/triggers">Triggers</Link>
      </nav>
      <div className="page-head">
        <h1>{name}</h1>
        {data && <ReplayButton trigger={name} />}
        {data && <PauseButton trigger={data} />}
      </div>
      {isPending && <Loading what="the trigger" />}
      {error && <ProblemBox error={error} />}
      {data && <TriggerFacts trigger={data} />}
      {data?.target.workflow && <Started trigger={name} />}
    </>
  );
}

function TriggerFacts({ trigger }: { trigger: Trigger }) {
  const { data: ticks = [] } = useTicks(trigger);
  return (
    <section className="card" aria-label="What it does">
      <dl className="facts">
        <div>
          <dt>When</dt>
          <dd>{sourceText(trigger)}</dd>
        </div>
        <div>
          <dt>Starts</dt>
          <dd>
            <TargetLink target={trigger.target} />
          </dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>
            {trigger.enabled ? 'On' : 'Off'}
            {trigger.kind === 'topic' && <TopicPlace trigger={trigger.name} />}
          </dd>
        </div>
        {ticks.length > 0 && (
          <div>
            <dt>Next</dt>
            <dd>{ticks.map((tick) => dateTime(tick)).join(', ')}</dd>
          </div>
        )}
      </dl>
      <details>
        <summary>Configuration</summary>
        <JsonView value={trigger as unknown as Json} label="the configuration" />
      </details>
    </section>
  );
}

/** The last executions that it started. */
function Started({ trigger }: { trigger: string }) {
  const { data, isPlaceholderData } = useExecutions({ workflow: '', status: '', cursor: '', mapRun: '', trigger });
  if (!data) return <Loading what="what it started" />;
  if (data.items.length === 0) return <p className="muted">It has started nothing yet.</p>;
  return <ExecutionTable executions={data.items} isStale={isPlaceholderData} />;
}
