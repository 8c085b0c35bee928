import { useMemo, useState } from 'react';
import type { HistoryEvent, Json } from '../api/types.js';
import { LargeValues } from '../ui/data-view.js';
import { JsonView } from '../ui/json-view.js';
import { TableHead } from '../ui/table-head.js';
import { clockTime, duration } from '../ui/time.js';
import { mostEvents } from './load-history.js';

const firstPage = 30;
const pageSize = 200;

/** Everything that happened, in order; each event unfolds into its details. */
export function HistoryTable({ history, startedAt }: { history: readonly HistoryEvent[]; startedAt: string }) {
  const [shown, setShown] = useState(firstPage);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const stateNames = useMemo(() => stateNamesOf(history), [history]);
  const toggle = (id: number) => setOpen((before) => toggled(before, id));
  return (
    <section className="card" aria-labelledby="history-title">
      <h2 id="history-title">
        History <span className="count">{history.length}</span>
      </h2>
      <div className="table-scroll">
        <table className="history">
          <TableHead columns={['Id', 'Event', 'State', 'At', 'After']} />
          <tbody>
            {history.slice(0, shown).map((event) => (
              <Row
                key={event.id}
                event={event}
                stateName={stateNames.get(event.id)}
                startedAt={startedAt}
                isOpen={open.has(event.id)}
                onToggle={() => toggle(event.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown < history.length && (
        <button type="button" className="button" onClick={() => setShown(shown + pageSize)}>
          Show {Math.min(pageSize, history.length - shown)} more
        </button>
      )}
      {history.length >= mostEvents && (
        <p className="muted small">Only the first events are read here; the API has all of them.</p>
      )}
    </section>
  );
}

/** Most events of a task do not say their state: it is the one that their line of control is in. */
function stateNamesOf(history: readonly HistoryEvent[]): ReadonlyMap<number, string> {
  const current = new Map<number, string>();
  const names = new Map<number, string>();
  for (const { id, type, frameId, details } of history) {
    if (type.endsWith('StateEntered') && typeof details.name === 'string') current.set(frameId, details.name);
    const name = current.get(frameId);
    if (name !== undefined) names.set(id, name);
    if (type.endsWith('StateExited')) current.delete(frameId);
  }
  return names;
}

function toggled(set: ReadonlySet<number>, id: number): ReadonlySet<number> {
  return set.has(id) ? new Set([...set].filter((one) => one !== id)) : new Set([...set, id]);
}

interface RowProps {
  readonly event: HistoryEvent;
  readonly stateName: string | undefined;
  readonly startedAt: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Row({ event, stateName, startedAt, isOpen, onToggle }: RowProps) {
  return (
    <>
      <tr data-failed={/Failed|TimedOut|Aborted/.test(event.type)}>
        <td className="number muted">{event.id}</td>
        <td>
          <button type="button" className="json-fold" aria-expanded={isOpen} onClick={onToggle}>
            {event.type}
          </button>
        </td>
        <td>{stateName}</td>
        <td className="number">
          <time dateTime={event.at}>{clockTime(event.at)}</time>
        </td>
        <td className="number muted">+{duration(Date.parse(event.at) - Date.parse(startedAt))}</td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={5}>
            <JsonView value={event.details as Json} label={`details of event ${event.id}`} />
            <LargeValues details={event.details} of={`event ${event.id}`} />
          </td>
        </tr>
      )}
    </>
  );
}
