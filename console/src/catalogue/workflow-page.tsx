import { Link, useParams } from 'react-router';
import { useDefinition } from '../api/queries.js';
import type { Json } from '../api/types.js';
import { StateGraph } from '../graph/state-graph.js';
import type { StateFacts } from '../graph/state-node.js';
import { JsonView } from '../ui/json-view.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';
import { StartButton } from './start-button.js';
import { Versions } from './versions.js';

const noFacts: ReadonlyMap<string, StateFacts> = new Map();
const chooseNothing = (): void => undefined;

export function WorkflowPage() {
  const { name = '' } = useParams();
  useTitle(name);
  const { data, error, isPending } = useDefinition(name, undefined);
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/workflows">Workflows</Link>
      </nav>
      <div className="page-head">
        <h1>{name}</h1>
        <span className="title-end">
          <StartButton workflow={name} />
          <Link className="button" to={`/workflows/${encodeURIComponent(name)}/try`}>
            Try a state
          </Link>
          <Link className="button" to={`/executions?workflow=${encodeURIComponent(name)}`}>
            Executions
          </Link>
        </span>
      </div>
      {isPending && <Loading what="the workflow" />}
      {error && <ProblemBox error={error} />}
      {data && (
        <>
          {data.Comment && <p className="muted">{data.Comment}</p>}
          <section className="card graph-card" aria-label="States">
            <StateGraph definition={data} facts={noFacts} onSelect={chooseNothing} />
          </section>
          <Versions workflow={name} />
          <section className="card" aria-labelledby="definition-title">
            <h2 id="definition-title">Definition</h2>
            <JsonView value={data as unknown as Json} label="the definition" />
          </section>
        </>
      )}
    </>
  );
}
