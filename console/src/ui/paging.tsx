interface PagingProps {
  /** Where the page begins; empty for the newest. */
  readonly cursor: string;
  readonly next: string | null | undefined;
  readonly onChange: (cursor: string) => void;
}

/** Back to the newest of a list, and on to what is older. */
export function Paging({ cursor, next, onChange }: PagingProps) {
  return (
    <nav className="paging" aria-label="Pages">
      {cursor && (
        <button type="button" className="button" onClick={() => onChange('')}>
          Newest
        </button>
      )}
      {next && (
        <button type="button" className="button" onClick={() => onChange(next)}>
          Older
        </button>
      )}
    </nav>
  );
}
