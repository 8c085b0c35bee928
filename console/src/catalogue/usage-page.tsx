import { useUsage } from '../api/queries.js';
import type { UsageFigures } from '../api/types.js';
import { Empty } from '../ui/empty.js';
import { bytes } from '../ui/size.js';
import { duration } from '../ui/time.js';
import { ListPage } from './list-page.js';

interface Row extends UsageFigures {
  readonly day: string;
  readonly function: string;
}

export function UsagePage() {
  const { data, error, refetch } = useUsage();
  const rows: readonly Row[] | undefined = data && withTotal(data.items, data.total);
  return (
    <ListPage
      title="Usage"
      list={{ ...(rows && { data: rows }), error, refetch }}
      columns={['Day', 'Function', 'Runs', 'Failed', 'Wall', 'CPU', 'GPU', 'Memory', 'In', 'Out']}
      row={(one) => (
        <tr key={`${one.day} ${one.function}`}>
          <td>{one.day}</td>
          <td>{one.function}</td>
          <td className="number">{one.invocations}</td>
          <td className="number">{one.failures}</td>
          <td className="number">{duration(one.wallSeconds * 1_000)}</td>
          <td className="number">{duration(one.cpuSeconds * 1_000)}</td>
          <td className="number">{one.gpuSeconds > 0 ? duration(one.gpuSeconds * 1_000) : '–'}</td>
          <td className="number">{one.memoryGbSecondsReserved.toFixed(1)} GB s</td>
          <td className="number" title={`${bytes(one.eventBytes)} of it events`}>
            {bytes(one.bytesIn)}
          </td>
          <td className="number" title={`${bytes(one.resultBytes)} of it results`}>
            {bytes(one.bytesOut)}
          </td>
        </tr>
      )}
      empty={
        <Empty title="Nothing has run in the last thirty days">
          <p>A run counts within a minute of its end.</p>
        </Empty>
      }
    />
  );
}

const withTotal = (items: readonly Row[], total: UsageFigures): readonly Row[] =>
  items.length === 0 ? [] : [...items, { ...total, day: 'Total', function: '' }];
