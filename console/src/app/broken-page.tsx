import { useRouteError } from 'react-router';
import { ProblemBox } from '../ui/problem-box.js';

/** The console itself failed: say so, and offer the only thing that helps. */
export function BrokenPage() {
  const error = useRouteError();
  return (
    <main>
      <h1>The console failed</h1>
      <ProblemBox error={error} onRetry={() => location.reload()} />
    </main>
  );
}
