import type { Command } from 'commander';
import { route } from '../api.js';
import { ago } from '../output.js';
import { withSession } from '../session.js';

interface Ledger {
  readonly bucket: string;
  readonly seen: number;
  readonly acted: number;
  readonly pending: number;
  readonly settling: number;
  readonly healed: number;
  readonly lagP50Seconds: number | null;
  readonly lagP99Seconds: number | null;
  readonly sweep?: { readonly finishedAt: string | null; readonly error: string | null };
}

/** Whether each object that triggers wait for was acted on. */
export function addLedger(buckets: Command): void {
  buckets
    .command('ledger [bucket]')
    .description('of each bucket that triggers wait for: objects seen, acted on, pending, found by sweeps, and the lag')
    .action(
      withSession(async ({ api, out }, bucket?: string) => {
        const { items } = await api.get<{ items: Ledger[] }>('ledger');
        out.table(bucket === undefined ? items : items.filter((one) => one.bucket === bucket), {
          BUCKET: (one) => one.bucket,
          SEEN: ({ seen }) => seen,
          ACTED: ({ acted }) => acted,
          PENDING: ({ pending }) => pending,
          SETTLING: ({ settling }) => settling,
          HEALED: ({ healed }) => healed,
          'LAG P50': ({ lagP50Seconds }) => seconds(lagP50Seconds),
          'LAG P99': ({ lagP99Seconds }) => seconds(lagP99Seconds),
          SWEPT: ({ sweep }) => sweep?.error ?? ago(sweep?.finishedAt ?? undefined),
        });
      }),
    );
  buckets
    .command('sweep <bucket>')
    .description('read its listing now, for objects that no notification told of')
    .action(withSession(async ({ api }, bucket: string) => api.ask('POST', route`buckets/${bucket}/sweep`)));
}

const seconds = (value: number | null): string | undefined => (value === null ? undefined : `${value.toFixed(1)} s`);
