import type { Gpu } from '@app/worker-api';
import { z } from 'zod';

/** `auto` looks for devices, `none` uses none, and a simulation needs none: for tests of what happens around them. */
export type GpuChoice = { readonly kind: 'auto' | 'none' } | { readonly kind: 'simulated'; readonly gpus: Gpu[] };

const SIMULATED = /^simulated:(\d{1,2})x(\d{1,7})$/;

/** SPOOL_GPUS: `auto`, `none` or `simulated:COUNTxMEGABYTES`. */
export const gpuChoice = z
  .string()
  .default('auto')
  .refine((text) => text === 'auto' || text === 'none' || SIMULATED.test(text), {
    error: 'must be auto, none or simulated:COUNTxMEGABYTES, for example simulated:2x80000',
  })
  .transform((text): GpuChoice => {
    const [, count, memoryMb] = SIMULATED.exec(text) ?? [];
    if (count === undefined) return { kind: text === 'none' ? 'none' : 'auto' };
    const gpus = Array.from({ length: Number(count) }, (_, index) => simulated(index, Number(memoryMb)));
    return { kind: 'simulated', gpus };
  });

const simulated = (index: number, memoryMb: number): Gpu => ({
  uuid: `GPU-SIMULATED-${index}`,
  model: 'Simulated GPU',
  memoryMb,
  isSimulated: true,
});
