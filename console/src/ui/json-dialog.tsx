import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useId, useRef, useState } from 'react';
import type { Json } from '../api/types.js';
import { ProblemBox } from './problem-box.js';

interface JsonDialogProps {
  /** On the button that opens it, and on the one that sends it. */
  readonly open: string;
  readonly send: string;
  readonly title: string;
  readonly label: string;
  /** What stands in the field when the dialog opens. */
  readonly initial: unknown;
  readonly rows?: number;
  readonly children?: ReactNode;
  /** The dialog closes when it is done; what it throws is shown. */
  readonly onSend: (value: Json) => Promise<void>;
}

/** A button that asks for JSON, as the API takes it. */
export function JsonDialog({ open, send, title, label, initial, rows = 10, children, onSend }: JsonDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [text, setText] = useState('');
  const sending = useMutation({
    mutationFn: async () => onSend(JSON.parse(text) as Json),
    onSuccess: () => dialog.current?.close(),
  });
  const show = () => {
    setText(JSON.stringify(initial, null, 2));
    sending.reset();
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" className="button" onClick={show}>
        {open}
      </button>
      <dialog ref={dialog} aria-labelledby={id}>
        <h2 id={id}>{title}</h2>
        {children}
        <label>
          <span>{label}</span>
          <textarea rows={rows} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} />
        </label>
        {sending.isError && <ProblemBox error={sending.error} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="button solid" disabled={sending.isPending} onClick={() => sending.mutate()}>
            {sending.isPending ? 'Sending…' : send}
          </button>
        </div>
      </dialog>
    </>
  );
}
