interface Props {
  readonly columns: readonly string[];
  /** Those of them that hold numbers, which stand at the end of their cell. */
  readonly numbers?: readonly string[];
}

export function TableHead({ columns, numbers = [] }: Props) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col" className={numbers.includes(column) ? 'end' : undefined}>
            {column}
          </th>
        ))}
      </tr>
    </thead>
  );
}
