import { useSearchParams } from 'react-router';
import { useEvents } from '../api/queries.js';
import { Empty } from '../ui/empty.js';
import { Loading } from '../ui/loading.js';
import { Paging } from '../ui/paging.js';
import { ProblemBox } from '../ui/problem-box.js';
import { TableHead } from '../ui/table-head.js';
import { useNow } from '../ui/time.js';
import { useTitle } from '../ui/use-title.js';
import { EventRow } from './event-row.js';

/** What came in and what it started, the newest first; the place in the list is in the address. */
export function EventsPage() {
  useTitle('Events');
  const [search, setSearch] = useSearchParams();
  const cursor = search.get('cursor') ?? '';
  const { data, error, refetch } = useEvents({ type: '', source: '', cursor });
  const now = useNow(true);
  return (
    <>
      <div className="page-head">
        <h1>Events</h1>
      </div>
      {error && <ProblemBox error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="the events" />}
      {data?.items.length === 0 && (
        <Empty title="Nothing came in">
          <p>Uploads to a bucket that a trigger follows, messages, ticks, webhooks and CloudEvents show here.</p>
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <div className="card table-card table-scroll">
          <table>
            <TableHead columns={['Came', 'Type', 'Subject', 'Source', 'Started']} />
            <tbody>
              {data.items.map((event) => (
                <EventRow key={`${event.source} ${event.id}`} event={event} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Paging cursor={cursor} next={data?.nextCursor} onChange={(to) => setSearch(to ? { cursor: to } : {})} />
    </>
  );
}
