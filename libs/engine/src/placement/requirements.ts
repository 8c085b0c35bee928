import type { DeviceNeeds, Needs, Preference, Requirements } from '@app/queue';
import type { Abilities } from '@app/worker-api';
import type { FunctionConfig } from '../functions/function-config.js';

/** A label has 63 characters. */
const MAX_SLUG = 53;

type Codecs = Pick<FunctionConfig, 'encoders' | 'decoders'>;
type Devices = Pick<FunctionConfig, 'gpus' | 'gpuMemoryMb' | 'encoders' | 'encoderSessions'>;
type Preferred = NonNullable<FunctionConfig['preferGpu']>;

/** A codec that worked is a label of its executor: `encoder=libx264`. */
export const codecLabels = ({ encoders = [], decoders = [] }: Codecs): string[] => [
  ...encoders.map((name) => `encoder=${name}`),
  ...decoders.map((name) => `decoder=${name}`),
];

/** What was found out of an executor, as labels that functions may ask for: `gpu-model=nvidia-h100-80gb-hbm3`. */
export const labelsOf = (abilities: Abilities): string[] => [
  ...codecLabels(abilities),
  ...new Set((abilities.gpus ?? []).map(({ model }) => `gpu-model=${slug(model)}`)),
];

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .slice(0, MAX_SLUG);

/** A version's configuration never changes, and thousands of tasks are made by it. */
const known = new WeakMap<FunctionConfig, Requirements>();

/** What a task of this function needs of its executor. */
export function requirementsOf(config: FunctionConfig): Requirements {
  const before = known.get(config);
  if (before) return before;
  const requirements = derived(config);
  known.set(config, requirements);
  return requirements;
}

function derived(config: FunctionConfig): Requirements {
  const { memoryMb, vcpu, diskMb, maxConcurrency, preferGpu } = config;
  const needs: Needs = {
    ...devices(config),
    ...(preferGpu && { prefer: preference(preferGpu) }),
    ...(diskMb && { diskMb }),
    ...(maxConcurrency && { maxConcurrency }),
  };
  const isPlain = Object.keys(needs).length === 0;
  const labels = [...config.labels, ...codecLabels(config)];
  return { labels, memoryMb, vcpu, ...(!isPlain && { needs }) };
}

const preference = (preferred: Preferred): Preference => ({
  ...devices(preferred),
  labels: codecLabels(preferred),
  afterSeconds: preferred.fallbackAfterSeconds,
});

/** Hardware does few encodings at a time; software as many as there are cores. */
const isHardware = (encoder: string): boolean => /_(nvenc|vaapi|qsv|amf|videotoolbox|v4l2m2m)$/.test(encoder);

function devices({ gpus, gpuMemoryMb, encoders = [], encoderSessions }: Devices): DeviceNeeds {
  const sessions = encoderSessions ?? encoders.filter(isHardware).length;
  return {
    ...(gpus && { gpus }),
    ...(gpuMemoryMb && { gpuMemoryMb }),
    ...(sessions > 0 && { encoderSessions: sessions }),
  };
}
