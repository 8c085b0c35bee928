import { Link } from 'react-router';
import type { Trigger } from '../api/types.js';

/** What a trigger starts. */
export function TargetLink({ target: { workflow, function: name = '' } }: { target: Trigger['target'] }) {
  if (workflow) return <Link to={`/workflows/${encodeURIComponent(workflow)}`}>{workflow}</Link>;
  return (
    <>
      function <Link to={`/functions/${encodeURIComponent(name)}`}>{name}</Link>
    </>
  );
}
