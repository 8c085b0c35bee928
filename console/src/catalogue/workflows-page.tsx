import { Link } from 'react-router';
import { useList } from '../api/queries.js';
import { Command } from '../ui/command.js';
import { Empty } from '../ui/empty.js';
import { dateTime } from '../ui/time.js';
import { ListPage } from './list-page.js';

export function WorkflowsPage() {
  const list = useList('workflows');
  return (
    <ListPage
      title="Workflows"
      list={list}
      columns={['Name', 'Version', 'Changed', '']}
      row={(workflow) => (
        <tr key={workflow.name}>
          <td>
            <Link to={`/workflows/${encodeURIComponent(workflow.name)}`}>{workflow.name}</Link>{' '}
            {workflow.namespace === 'spool' && <span className="tag">built in</span>}
          </td>
          <td className="number">{workflow.version}</td>
          <td>{dateTime(workflow.createdAt)}</td>
          <td className="end">
            <Link to={`/executions?workflow=${encodeURIComponent(workflow.name)}`}>Executions</Link>
          </td>
        </tr>
      )}
      empty={
        <Empty title="No workflow is deployed">
          <p>A workflow is a JSON document in the Amazon States Language. Deploy one:</p>
          <Command>{deployCommand(location.origin)}</Command>
        </Empty>
      }
    />
  );
}

function deployCommand(origin: string): string {
  return `curl ${origin}/v1/workflows -H "Authorization: Bearer $SPOOL_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"name":"hello","definition":
    {"StartAt":"Hello","States":{"Hello":{"Type":"Pass","End":true}}}}'`;
}
