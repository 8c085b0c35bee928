import { Link, useParams } from 'react-router';
import { useInvocation } from '../api/queries.js';
import { JsonView } from '../ui/json-view.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';
import { InvocationCard } from './invocation-card.js';

/** One run of a function, alone or of an execution: followed until it ends. */
export function InvocationPage() {
  const { id = '' } = useParams();
  useTitle('Run');
  const { data, error, isPending } = useInvocation(id);
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/functions">Functions</Link>
        {data && (
          <>
            <span aria-hidden="true">/</span>
            <Link to={`/functions/${encodeURIComponent(data.function)}`}>{data.function}</Link>
          </>
        )}
      </nav>
      <div className="page-head">
        <h1>{id}</h1>
      </div>
      {isPending && <Loading what="the run" />}
      {error && <ProblemBox error={error} />}
      {data && (
        <>
          <section className="card" aria-label="The run">
            <InvocationCard invocation={data} />
          </section>
          <div className="two-columns">
            <section className="card" aria-labelledby="event-title">
              <h2 id="event-title">Event</h2>
              <JsonView value={data.input} label="the event" />
            </section>
            <section className="card" aria-labelledby="result-title">
              <h2 id="result-title">Result</h2>
              <JsonView value={data.output} label="the result" />
            </section>
          </div>
        </>
      )}
    </>
  );
}
