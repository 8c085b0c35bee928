export function Tags({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <span key={name} className="tag">
      {name}
    </span>
  ));
}
