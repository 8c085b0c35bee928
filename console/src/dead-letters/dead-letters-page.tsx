import { Link } from 'react-router';
import { useDeadLetters } from '../api/dead-letters.js';
import type { DeadLetter } from '../api/types.js';
import { ListPage } from '../catalogue/list-page.js';
import { Empty } from '../ui/empty.js';
import { ago, useNow } from '../ui/time.js';
import { whatFailed } from './what-failed.js';

/** What could not be handled, the newest first. */
export function DeadLettersPage() {
  const list = useDeadLetters();
  const now = useNow(true);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  return (
    <>
      <ListPage
        title="Dead letters"
        list={{ data: data?.pages.flatMap(({ items }) => items), error: list.error, refetch: list.refetch }}
        columns={['What', 'Error', 'Cause', 'Attempts', 'Since', 'Replayed']}
        row={(letter) => <Row key={letter.id} letter={letter} now={now} />}
        empty={
          <Empty title="No dead letter">
            <p>
              What cannot be handled comes here with its reason: an event that its trigger cannot start, an asynchronous
              invocation that has failed as often as it may, a destination that cannot be told.
            </p>
          </Empty>
        }
      />
      {hasNextPage && (
        <button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading…' : 'Older ones'}
        </button>
      )}
    </>
  );
}

function Row({ letter, now }: { letter: DeadLetter; now: number }) {
  const { id, error, cause, attempts, createdAt, redrivenAt } = letter;
  return (
    <tr>
      <td>
        <Link to={`/dead-letters/${id}`}>{whatFailed(letter)}</Link>
      </td>
      <td>{error}</td>
      <td>{cause.length > 120 ? `${cause.slice(0, 120)}…` : cause}</td>
      <td className="number">{attempts}</td>
      <td>{ago(createdAt, now)}</td>
      <td>{redrivenAt ? ago(redrivenAt, now) : 'no'}</td>
    </tr>
  );
}
