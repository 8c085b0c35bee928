import { useMemo, useState } from 'react';
import type { Execution, Invocation } from '../api/types.js';
import { MediaCard } from './media-card.js';
import { kindByName } from './media-kind.js';
import { idOf, type ObjectReference, objectReferences } from './object-references.js';

const pageSize = 12;

/** What the execution made, to be watched and heard; what it was given stands behind it. */
export function MediaSection({ execution, invocations }: { execution: Execution; invocations: readonly Invocation[] }) {
  const [shown, setShown] = useState(pageSize);
  const { given, produced } = useMemo(() => mediaOf(execution, invocations), [execution, invocations]);
  const all = [
    ...produced.map((one) => ({ ...one, isGiven: false })),
    ...given.map((one) => ({ ...one, isGiven: true })),
  ];
  if (all.length === 0) return null;
  return (
    <section className="card" aria-labelledby="media-title">
      <h2 id="media-title">
        Objects <span className="count">{produced.length} produced</span>
      </h2>
      <ul className="media-grid">
        {all.slice(0, shown).map((one) => (
          <li key={idOf(one)}>
            <MediaCard bucket={one.bucket} objectKey={one.key} isGiven={one.isGiven} />
          </li>
        ))}
      </ul>
      {shown < all.length && (
        <button type="button" className="button" onClick={() => setShown(shown + pageSize)}>
          Show {Math.min(pageSize, all.length - shown)} more of {all.length}
        </button>
      )}
    </section>
  );
}

function mediaOf(execution: Execution, invocations: readonly Invocation[]) {
  const given = objectReferences(execution.input);
  const wasGiven = new Set(given.map(idOf));
  const outputs = invocations.filter((one) => one.status === 'SUCCEEDED').map((one) => one.output);
  const produced = objectReferences(execution.output, ...outputs).filter((one) => !wasGiven.has(idOf(one)));
  return { given, produced: produced.toSorted((one, other) => place(one) - place(other)) };
}

/** A stream stands before the renditions and chunks that it was made of. */
const place = ({ key }: ObjectReference): number => (kindByName(key) === 'stream' ? 0 : 1);
