/** The value below which this share of the samples lies (nearest rank). */
export function percentile(samples, share) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

export const ms = (value) => `${value.toFixed(1)} ms`;
export const latency = (samples) =>
  `p50 ${ms(percentile(samples, 0.5))}, p99 ${ms(percentile(samples, 0.99))} (n = ${samples.length})`;

export function report(title, lines) {
  process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
