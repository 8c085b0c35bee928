import { Command } from '../ui/command.js';
import { Empty } from '../ui/empty.js';

/** Nothing has run yet: the two shortest ways to change that. */
export function NoExecutions({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <Empty title="No execution matches">
        <p className="muted">Choose another workflow or status.</p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has run yet">
      <p>The demo uploads a clip, transcodes it and shows the results here:</p>
      <Command>npm run demo</Command>
      <p>Or start a workflow of your own:</p>
      <Command>{startCommand(location.origin)}</Command>
    </Empty>
  );
}

function startCommand(origin: string): string {
  return `curl ${origin}/v1/workflows -H "Authorization: Bearer $SPOOL_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"name":"hello","definition":
    {"StartAt":"Hello","States":{"Hello":{"Type":"Pass","End":true}}}}'
curl ${origin}/v1/workflows/hello/executions -H "Authorization: Bearer $SPOOL_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"input":{"who":"world"}}'`;
}
