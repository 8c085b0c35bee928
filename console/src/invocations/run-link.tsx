import { Link } from 'react-router';
import type { Invocation } from '../api/types.js';

/** To the execution that a run belongs to, or to the run itself. */
export function RunLink({ id, executionId }: Pick<Invocation, 'id' | 'executionId'>) {
  return <Link to={executionId ? `/executions/${executionId}` : `/invocations/${id}`}>{id}</Link>;
}
