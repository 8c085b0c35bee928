import { useList } from '../api/queries.js';
import type { BucketLedger } from '../api/types.js';
import { Empty } from '../ui/empty.js';
import { ago, useNow } from '../ui/time.js';
import { ListPage } from './list-page.js';

/** Whether each object that triggers wait for was acted on. */
export function BucketsPage() {
  const list = useList('ledger');
  const now = useNow(true);
  return (
    <ListPage
      title="Buckets"
      list={list}
      columns={['Bucket', 'Seen', 'Acted on', 'Pending', 'Settling', 'Found by sweeps', 'Lag (p50, p99)', 'Last sweep']}
      row={(ledger) => (
        <tr key={ledger.bucket}>
          <td>{ledger.bucket}</td>
          <td className="number">{ledger.seen}</td>
          <td className="number">{ledger.acted}</td>
          <td className="number">{ledger.pending}</td>
          <td className="number">{ledger.settling}</td>
          <td className="number">{ledger.healed}</td>
          <td>{lag(ledger)}</td>
          <td>{swept(ledger, now)}</td>
        </tr>
      )}
      empty={
        <Empty title="No trigger waits for objects">
          <p>
            Once an object trigger names a bucket, this page says how many uploads were seen and acted on, and how many
            a sweep found that no notification told of.
          </p>
        </Empty>
      }
    />
  );
}

function lag({ lagP50Seconds: p50, lagP99Seconds: p99 }: BucketLedger): string {
  return p50 == null || p99 == null ? '–' : `${p50.toFixed(1)} s, ${p99.toFixed(1)} s`;
}

function swept({ sweep }: BucketLedger, now: number) {
  if (sweep?.error) return <span className="muted">{sweep.error}</span>;
  return sweep?.finishedAt ? ago(sweep.finishedAt, now) : '–';
}
