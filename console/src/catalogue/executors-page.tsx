import { Link } from 'react-router';
import { useList } from '../api/queries.js';
import type { Executor } from '../api/types.js';
import { Empty } from '../ui/empty.js';
import { Tags } from '../ui/tags.js';
import { ago, useNow } from '../ui/time.js';
import { ListPage } from './list-page.js';

export function ExecutorsPage() {
  const list = useList('executors');
  const now = useNow(true);
  return (
    <ListPage
      title="Executors"
      list={list}
      columns={['Name', 'State', 'Labels', 'GPUs', 'Capacity', 'Free', 'Running', 'Warm', 'Version', 'Last seen']}
      row={(executor) => (
        <tr key={executor.id}>
          <td>
            <Link to={`/executors/${executor.id}`}>{executor.name}</Link>
          </td>
          <td>{executor.state}</td>
          <td>
            <Tags names={executor.labels} />
          </td>
          <td title={executor.abilities.encoders && `Encoders: ${executor.abilities.encoders.join(', ')}`}>
            {gpus(executor.abilities.gpus)}
          </td>
          <td>{capacity(executor.capacity)}</td>
          <td>{executor.free ? capacity(executor.free) : '–'}</td>
          <td className="number">{executor.running}</td>
          <td className="number">{executor.instanceCounts.idle}</td>
          <td>{executor.version}</td>
          <td>{ago(executor.seenAt, now)}</td>
        </tr>
      )}
      empty={
        <Empty title="No executor has reported">
          <p>
            Functions run on executors. <code>npm start</code> brings one along; others connect to this gateway by
            themselves once they are started.
          </p>
        </Empty>
      }
    />
  );
}

function capacity({ vcpu, memoryMb, slots }: Executor['capacity']): string {
  return `${vcpu} vCPU, ${(memoryMb / 1_024).toFixed(1)} GiB, ${slots} ${slots === 1 ? 'slot' : 'slots'}`;
}

function gpus(all: Executor['abilities']['gpus'] = []): string {
  const [first] = all;
  if (!first) return '–';
  return `${all.length} × ${first.model}${first.isSimulated ? ' (not real)' : ''}`;
}
