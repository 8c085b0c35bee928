const units = ['B', 'KB', 'MB', 'GB', 'TB'];

export function bytes(size: number): string {
  const power = size < 1_000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), units.length - 1);
  const value = size / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
