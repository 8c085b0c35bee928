import { Gauge, type Registry } from 'prom-client';

export interface Measured<Label extends string> {
  readonly value: number;
  readonly labels: Readonly<Record<Label, string>>;
}

/** One that is read when it is asked for: what has gone since is no longer in it. Equal labels are added up. */
export function measuredGauge<Label extends string>(
  registry: Registry,
  { name, help, labelNames }: { readonly name: string; readonly help: string; readonly labelNames: readonly Label[] },
  read: () => Promise<readonly Measured<Label>[]>,
): Gauge<Label> {
  return new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const measured = await read();
      this.reset();
      for (const { value, labels } of measured) this.inc(labels as Record<Label, string>, value);
    },
  });
}
