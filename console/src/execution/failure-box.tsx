import { Icon } from '../ui/icon.js';
import { JsonView, parsed } from '../ui/json-view.js';

/** Error and cause of something that failed; a cause that holds JSON is shown as JSON. */
export function FailureBox({ error, cause }: { error: string; cause?: string | null }) {
  const value = cause ? parsed(cause) : undefined;
  const message = said(value);
  return (
    <div className="notice" data-tone="danger">
      <p className="notice-title">
        <Icon name="cross" /> <code>{error}</code>
      </p>
      {message && <p className="cause">{message}</p>}
      {typeof value === 'object' && value !== null && (
        <details>
          <summary>Cause in full</summary>
          <JsonView value={value} label="the cause" />
        </details>
      )}
    </div>
  );
}

function said(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const message = (value as { errorMessage?: unknown } | undefined)?.errorMessage;
  return typeof message === 'string' ? message : undefined;
}
