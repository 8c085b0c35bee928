import { useRef } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useDeadLetter, useDeletion, useRedrive } from '../api/dead-letters.js';
import type { DeadLetter } from '../api/types.js';
import { DataView } from '../ui/data-view.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { dateTime } from '../ui/time.js';
import { useTitle } from '../ui/use-title.js';
import { whatFailed } from './what-failed.js';

export function DeadLetterPage() {
  const { id = '' } = useParams();
  const letter = useDeadLetter(id);
  const title = letter.data ? whatFailed(letter.data) : 'Dead letter';
  useTitle(title);
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/dead-letters">Dead letters</Link>
      </nav>
      <div className="page-head">
        <h1>{title}</h1>
        {letter.data && <Actions letter={letter.data} />}
      </div>
      {letter.error && <ProblemBox error={letter.error} />}
      {letter.isPending && <Loading what="the dead letter" />}
      {letter.data && <Letter letter={letter.data} />}
    </>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const { error, cause, attempts, createdAt, redrivenAt, payload, payloadDetails } = letter;
  return (
    <>
      <section className="card" aria-labelledby="why-title">
        <h2 id="why-title">Why it is here</h2>
        <dl className="facts">
          <div>
            <dt>Error</dt>
            <dd>{error}</dd>
          </div>
          <div>
            <dt>Cause</dt>
            <dd>{cause}</dd>
          </div>
          <div>
            <dt>Attempts</dt>
            <dd>{attempts}</dd>
          </div>
          <div>
            <dt>Since</dt>
            <dd>{dateTime(createdAt)}</dd>
          </div>
          <div>
            <dt>Replayed</dt>
            <dd>{redrivenAt ? dateTime(redrivenAt) : 'no'}</dd>
          </div>
        </dl>
      </section>
      <section className="card" aria-labelledby="payload-title">
        <h2 id="payload-title">What it was</h2>
        <DataView value={payload} elsewhere={payloadDetails} label="the dead letter" />
      </section>
    </>
  );
}

function Actions({ letter: { id, kind } }: { letter: DeadLetter }) {
  const redrive = useRedrive(id);
  return (
    <>
      {redrive.isError && <ProblemBox error={redrive.error} />}
      {redrive.data && <p role="status">{replayed(redrive.data.started?.targetKind)}</p>}
      {kind !== 'notification' && (
        <button
          type="button"
          className="button"
          disabled={redrive.isPending}
          title="Tries it again, as its trigger, function or destination is now"
          onClick={() => redrive.mutate()}
        >
          {redrive.isPending ? 'Replaying…' : 'Replay'}
        </button>
      )}
      <DeleteButton id={id} />
    </>
  );
}

const replayed = (started: string | undefined): string =>
  started ? `Replayed: a ${started === 'workflow' ? 'workflow' : 'function'} was started` : 'Replayed';

function DeleteButton({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const navigate = useNavigate();
  const deletion = useDeletion(id, () => void navigate('/dead-letters'));
  return (
    <>
      <button type="button" className="button danger" onClick={() => dialog.current?.showModal()}>
        Delete
      </button>
      <dialog ref={dialog} aria-labelledby="delete-title">
        <h2 id="delete-title">Throw this dead letter away?</h2>
        <p>It is the last that is kept of what failed: it cannot be replayed afterwards.</p>
        {deletion.isError && <ProblemBox error={deletion.error} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button
            type="button"
            className="button danger solid"
            disabled={deletion.isPending}
            onClick={() => deletion.mutate()}
          >
            {deletion.isPending ? 'Deleting…' : 'Throw it away'}
          </button>
        </div>
      </dialog>
    </>
  );
}
