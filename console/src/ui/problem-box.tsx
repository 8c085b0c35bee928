import { Problem } from '../api/problem.js';

/** What went wrong with a request, with every field that was refused. */
export function ProblemBox({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = error instanceof Problem ? error : undefined;
  return (
    <div className="notice" data-tone="danger" role="alert">
      <p className="notice-title">{problem?.detail ?? (error instanceof Error ? error.message : String(error))}</p>
      {problem && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((field) => (
            <li key={field.pointer + field.message}>
              <code>{field.pointer || '/'}</code> {field.message}
            </li>
          ))}
        </ul>
      )}
      {problem && problem.status > 0 && (
        <p className="muted small">
          HTTP {problem.status}, <code>{problem.code}</code>
        </p>
      )}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
