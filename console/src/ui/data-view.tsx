import { useState } from 'react';
import { send } from '../api/http.js';
import type { Json, LargeValue } from '../api/types.js';
import { Icon } from './icon.js';
import { JsonView } from './json-view.js';
import { largeValuesIn } from './large-values.js';
import { bytes } from './size.js';

interface DataViewProps {
  readonly value: Json | undefined;
  /** Of a value that is too large to come with the rest. */
  readonly elsewhere: LargeValue | undefined;
  readonly label: string;
}

/** A value, or what is to be known of a large one, which is fetched when somebody wants it. */
export function DataView({ value, elsewhere, label }: DataViewProps) {
  return elsewhere ? <Elsewhere value={elsewhere} label={label} /> : <JsonView value={value} label={label} />;
}

export function LargeValues({ details, of }: { details: { readonly [name: string]: Json }; of: string }) {
  return largeValuesIn(details).map(([name, value]) => (
    <Elsewhere key={name} value={value} label={`${name.replace(/Details$/, '')} of ${of}`} />
  ));
}

function Elsewhere({ value: { bytes: size, href }, label }: { value: LargeValue; label: string }) {
  const [problem, setProblem] = useState('');
  const download = () =>
    save(href, `${label.replaceAll(/[^A-Za-z0-9]+/g, '-')}.json`).then(
      () => setProblem(''),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  return (
    <p className="muted small">
      {bytes(size)} of JSON, kept in the object store.{' '}
      <button type="button" className="button" aria-label={`Download ${label}`} onClick={download}>
        <Icon name="download" /> Download
      </button>
      <span role="status">{problem}</span>
    </p>
  );
}

/** With the key, which a plain link would not send. */
async function save(href: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await send(href)).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
