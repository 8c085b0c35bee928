import { useState } from 'react';
import type { Json } from '../api/types.js';

const openDepth = 3;
const openEntries = 30;
const pageEntries = 200;

interface NodeProps {
  readonly name?: string;
  readonly value: Json;
  readonly depth: number;
  readonly isLast: boolean;
}

export function JsonNode({ name, value, depth, isLast }: NodeProps) {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return <JsonBranch name={name} value={value} depth={depth} isLast={isLast} />;
  }
  return (
    <div className="json-line">
      <Name name={name} />
      <Leaf value={value} />
      {!isLast && ','}
    </div>
  );
}

function JsonBranch({ name, value, depth, isLast }: NodeProps & { value: object }) {
  const entries = Object.entries(value as Record<string, Json>);
  const isList = Array.isArray(value);
  const [isOpen, setOpen] = useState(depth < openDepth && entries.length <= openEntries);
  const [shown, setShown] = useState(pageEntries);
  const [before, after] = isList ? ['[', ']'] : ['{', '}'];
  const count = `${entries.length} ${isList ? 'item' : 'field'}${entries.length === 1 ? '' : 's'}`;
  return (
    <div>
      <div className="json-line">
        <button type="button" className="json-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <span className="visually-hidden">{isOpen ? 'Fold' : 'Unfold'} </span>
          <Name name={name} />
          {before}
          {!isOpen && <span className="json-count">{count}</span>}
          {!isOpen && after}
        </button>
        {!isOpen && !isLast && ','}
      </div>
      {isOpen && (
        <>
          <div className="json-children">
            {entries.slice(0, shown).map(([key, child], index) => (
              <JsonNode
                key={key}
                name={isList ? undefined : key}
                value={child}
                depth={depth + 1}
                isLast={index === entries.length - 1}
              />
            ))}
            {shown < entries.length && (
              <button type="button" className="link-button" onClick={() => setShown(shown + pageEntries)}>
                {entries.length - shown} more
              </button>
            )}
          </div>
          <div className="json-line">
            {after}
            {!isLast && ','}
          </div>
        </>
      )}
    </div>
  );
}

function Name({ name }: { name?: string }) {
  return name === undefined ? null : <span className="json-name">{JSON.stringify(name)}: </span>;
}

function Leaf({ value }: { value: Json }) {
  if (value === null) return <span className="json-word">null</span>;
  if (typeof value === 'object') return <span>{Array.isArray(value) ? '[]' : '{}'}</span>;
  if (typeof value === 'string') return <span className="json-string">{JSON.stringify(value)}</span>;
  return <span className={typeof value === 'number' ? 'json-number' : 'json-word'}>{String(value)}</span>;
}
