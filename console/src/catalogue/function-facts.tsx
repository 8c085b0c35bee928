import { useDeployedFunction } from '../api/queries.js';
import type { DeployedFunction, Json } from '../api/types.js';
import { JsonView } from '../ui/json-view.js';
import { ProblemBox } from '../ui/problem-box.js';
import { duration } from '../ui/time.js';

/** What a function is: in short, what goes in and comes out, and all of its configuration. */
export function FunctionFacts({ name }: { name: string }) {
  const { data, error } = useDeployedFunction(name);
  if (error) return <ProblemBox error={error} />;
  if (!data) return null;
  const { eventSchema, resultSchema, ...config } = data;
  return (
    <section className="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Version {data.version}</h2>
      {data.description && <p>{data.description}</p>}
      <dl className="facts">
        {facts(data).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Folded title="Event" value={eventSchema} label="the schema of its event" />
      <Folded title="Result" value={resultSchema} label="the schema of its result" />
      <Folded title="Configuration" value={config as unknown as Json} label="the configuration" />
    </section>
  );
}

function Folded({ title, value, label }: { title: string; value: Json | undefined; label: string }) {
  if (value === undefined) return null;
  return (
    <details>
      <summary>{title}</summary>
      <JsonView value={value} label={label} />
    </details>
  );
}

function facts({ runtime, timeoutSeconds, memoryMb, vcpu, labels }: DeployedFunction): [string, string][] {
  return [
    ['Runtime', runtime],
    ['Timeout', duration(timeoutSeconds * 1_000)],
    ['Memory', `${memoryMb} MB`],
    ['Processors', `${vcpu} vCPU`],
    ...(labels?.length ? [['Needs', labels.join(', ')] as [string, string]] : []),
  ];
}
