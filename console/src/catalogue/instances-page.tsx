import { useList } from '../api/queries.js';
import { Empty } from '../ui/empty.js';
import { bytes } from '../ui/size.js';
import { duration } from '../ui/time.js';
import { ListPage } from './list-page.js';

const EVERY_MS = 2_000;

export function InstancesPage() {
  const list = useList('instances', EVERY_MS);
  return (
    <ListPage
      title="Instances"
      list={list}
      columns={['Function', 'State', 'Executor', 'Age', 'Requests', 'Memory', 'CPU', 'Last error']}
      row={(instance) => (
        <tr key={instance.id}>
          <td>
            {instance.function}:{instance.version}
          </td>
          <td>{instance.state === 'idle' ? 'warm' : instance.state}</td>
          <td>{instance.executor}</td>
          <td className="number">{duration(instance.ageMs)}</td>
          <td className="number">{instance.requests}</td>
          <td className="number">
            {instance.memoryBytes === undefined ? '–' : bytes(instance.memoryBytes)} of {instance.memoryMb} MB
          </td>
          <td className="number">{instance.cpuMs === undefined ? '–' : duration(instance.cpuMs)}</td>
          <td>{instance.lastError ?? ''}</td>
        </tr>
      )}
      empty={
        <Empty title="No function has a process">
          <p>A process starts with the first task of a function, and stays for a while, warm, for the next.</p>
        </Empty>
      }
    />
  );
}
