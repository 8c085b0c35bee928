import { Link } from 'react-router';
import { useList } from '../api/queries.js';
import type { DeployedFunction } from '../api/types.js';
import { Command } from '../ui/command.js';
import { Empty } from '../ui/empty.js';
import { duration } from '../ui/time.js';
import { Tags } from '../ui/tags.js';
import { ListPage } from './list-page.js';

export function FunctionsPage() {
  const list = useList('functions');
  return (
    <ListPage
      title="Functions"
      list={list}
      columns={['Name', 'Version', 'Runtime', 'Timeout', 'Memory', 'Needs']}
      row={(one) => <FunctionRow key={`${one.namespace}/${one.name}`} deployed={one} />}
      empty={
        <Empty title="No function is deployed">
          <p>A function is code in Node.js or Python, or any command. Deploy one:</p>
          <Command>{deployCommand(location.origin)}</Command>
        </Empty>
      }
    />
  );
}

function FunctionRow({ deployed }: { deployed: DeployedFunction }) {
  return (
    <tr>
      <td>
        <Link to={`/functions/${encodeURIComponent(deployed.name)}`}>{deployed.name}</Link>{' '}
        {deployed.namespace === 'spool' && <span className="tag">built in</span>}
      </td>
      <td className="number">{deployed.version}</td>
      <td>{deployed.runtime}</td>
      <td className="number">{duration(deployed.timeoutSeconds * 1_000)}</td>
      <td className="number">{deployed.memoryMb} MB</td>
      <td>
        <Tags names={deployed.labels ?? []} />
      </td>
    </tr>
  );
}

function deployCommand(origin: string): string {
  return `curl ${origin}/v1/functions -H "Authorization: Bearer $SPOOL_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"name":"hello","runtime":"nodejs","handler":"index.handler",
    "files":{"index.mjs":"export const handler = async (event) => ({ hello: event.who })"}}'`;
}
