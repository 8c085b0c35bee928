import { CopyButton } from './copy-button.js';

/** A command to run in a terminal. */
export function Command({ children }: { children: string }) {
  return (
    <div className="command">
      <pre tabIndex={0}>{children}</pre>
      <CopyButton text={children} label="Copy the command" />
    </div>
  );
}
