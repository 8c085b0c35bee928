import { z } from 'zod';

const codec = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,48}$/,
    'must be the name of a codec as ffmpeg has it: lower-case letters, digits, ".", "_" and "-"',
  );
const codecs = z.array(codec).max(16);
const gpus = z.int().min(0).max(16);
const gpuMemoryMb = z.int().min(1).max(1_048_576);
const encoderSessions = z.int().min(0).max(64);

const ofGpu = 'MB of each of its GPUs, which it shares then; without it they are its alone';
const sessions = 'Encodings that the hardware does for it at the same time; by default one for each hardware encoder';

/** What a function may ask for beside memory, cores and labels. */
export const placementFields = {
  gpus: gpus.optional().meta({ description: 'How many GPUs it needs' }),
  gpuMemoryMb: gpuMemoryMb.optional().meta({ description: ofGpu }),
  encoders: codecs.optional().meta({ description: 'Runs only where all of these encoders of ffmpeg have worked' }),
  decoders: codecs.optional().meta({ description: 'Runs only where all of these decoders of ffmpeg have worked' }),
  encoderSessions: encoderSessions.optional().meta({ description: sessions }),
  preferGpu: z
    .strictObject({
      gpus: gpus.min(1).default(1),
      gpuMemoryMb: gpuMemoryMb.optional().meta({ description: ofGpu }),
      encoders: codecs.optional(),
      decoders: codecs.optional(),
      encoderSessions: encoderSessions.optional().meta({ description: sessions }),
      fallbackAfterSeconds: z.number().min(0).max(86_400).default(30).meta({
        description: 'After waiting for so long it runs without; `SPOOL_GPUS` tells it how many it has got',
      }),
    })
    .optional()
    .meta({ description: 'What it would rather have, in addition to what it needs in any case' }),
  diskMb: z.int().min(1).max(67_108_864).optional().meta({
    description: 'MB of disk for its files, which nobody else may use meanwhile; without it, a share that all have',
  }),
  maxConcurrency: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .meta({ description: 'As many of its tasks run at the same time, in all of its versions together' }),
};

interface Placement {
  readonly gpus?: number | undefined;
  readonly gpuMemoryMb?: number | undefined;
  readonly preferGpu?: unknown;
}

/** Which of them belong together. */
export function rulesOfPlacement({ gpus: count = 0, gpuMemoryMb: memoryMb, preferGpu }: Placement) {
  const broken: { path: string; message: string }[] = [];
  if (memoryMb !== undefined && count === 0)
    broken.push({ path: 'gpuMemoryMb', message: 'is only for functions with gpus: it is memory of each of them' });
  if (preferGpu !== undefined && count > 0)
    broken.push({
      path: 'preferGpu',
      message: 'must not be given together with gpus: what it needs it need not prefer',
    });
  return broken;
}
