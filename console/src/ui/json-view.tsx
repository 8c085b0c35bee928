import type { Json } from '../api/types.js';
import { CopyButton } from './copy-button.js';
import { JsonNode } from './json-node.js';

/** JSON to read: long parts fold, and the whole can be copied. */
export function JsonView({ value, label }: { value: Json | undefined; label: string }) {
  if (value === undefined) return <p className="muted small">None.</p>;
  return (
    <div className="json">
      <CopyButton text={JSON.stringify(value, null, 2)} label={`Copy ${label}`} />
      <div className="json-body" tabIndex={0} role="group" aria-label={label}>
        <JsonNode value={value} depth={0} isLast />
      </div>
    </div>
  );
}

/** Functions often fail with JSON inside a string: that is shown as what it is. */
export function parsed(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
