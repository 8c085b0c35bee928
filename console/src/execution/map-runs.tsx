import { Link } from 'react-router';
import { useMapRuns } from '../api/queries.js';
import type { Execution, MapRun } from '../api/types.js';
import { StatusChip } from '../ui/status-chip.js';
import { TableHead } from '../ui/table-head.js';
import { MapRunButton } from './map-run-button.js';

/** The distributed Maps of an execution: how far they are, and where their executions are listed. */
export function MapRuns({ execution }: { execution: Execution }) {
  const { data = [] } = useMapRuns(execution);
  if (data.length === 0) return null;
  return (
    <section className="card table-card" aria-labelledby="map-runs-title">
      <h2 id="map-runs-title">Map runs</h2>
      <table>
        <TableHead
          columns={['Status', 'State', 'Succeeded', 'Failed', 'Running', 'Items', 'Executions']}
          numbers={['Succeeded', 'Failed', 'Running', 'Items']}
        />
        <tbody>
          {data.map((mapRun) => (
            <MapRunRow key={mapRun.id} mapRun={mapRun} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function MapRunRow({ mapRun }: { mapRun: MapRun }) {
  const { id, status, stateName, itemCounts: counts } = mapRun;
  return (
    <tr>
      <td>
        <StatusChip status={status} />
      </td>
      <td>{stateName}</td>
      <td className="number end">{counts.succeeded}</td>
      <td className="number end">{counts.failed + counts.timedOut + counts.aborted}</td>
      <td className="number end">{counts.running}</td>
      <td className="number end">{counts.total ?? '…'}</td>
      <td>
        <Link to={`/executions?mapRun=${encodeURIComponent(id)}`}>List</Link>{' '}
        {status === 'RUNNING' && <MapRunButton mapRun={mapRun} />}
      </td>
    </tr>
  );
}
