import { Link } from 'react-router';
import type { Json, StoredEvent } from '../api/types.js';
import { JsonView } from '../ui/json-view.js';
import { ago, dateTime } from '../ui/time.js';

/** One event; its data folds out. */
export function EventRow({ event, now }: { event: StoredEvent; now: number }) {
  const { source, type, subject, receivedAt, started } = event;
  const { started: _, ...envelope } = event;
  return (
    <tr>
      <td>
        <time dateTime={receivedAt} title={dateTime(receivedAt)}>
          {ago(receivedAt, now)}
        </time>
      </td>
      <td>
        <details>
          <summary>{type}</summary>
          <JsonView value={envelope as unknown as Json} label="the event" />
        </details>
      </td>
      <td>{subject ?? ''}</td>
      <td>{source}</td>
      <td>
        {started.length === 0 && <span className="muted">nothing</span>}
        {started.map(({ trigger, targetKind, targetId }) => (
          <Link key={targetId} to={`/${targetKind === 'workflow' ? 'executions' : 'invocations'}/${targetId}`}>
            {trigger}
          </Link>
        ))}
      </td>
    </tr>
  );
}
