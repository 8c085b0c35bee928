import type { DeviceNeeds, Requirements } from '@app/queue';
import type { Resources } from '@app/worker-api';

export interface Want {
  readonly what: string;
  readonly isIn: (resources: Resources) => boolean;
}

/** All that a task asks of its executor, in words and to be tried. */
export function wantsOf({ memoryMb, vcpu, needs }: Requirements, devices: DeviceNeeds = {}): Want[] {
  const { gpus = 0, gpuMemoryMb, encoderSessions: sessions = 0 } = devices;
  const fits = (gpu: { memoryMb: number; isWhole: boolean }) =>
    gpuMemoryMb === undefined ? gpu.isWhole : gpu.memoryMb >= gpuMemoryMb;
  const gpuText = gpuMemoryMb === undefined ? `${gpus} GPU` : `${gpuMemoryMb} MB on ${gpus} GPU`;
  return [
    { what: 'a slot', isIn: ({ slots }) => slots >= 1 },
    { what: `${memoryMb} MB of memory`, isIn: (room) => room.memoryMb >= memoryMb },
    { what: `${vcpu} vCPU`, isIn: (room) => room.vcpu + 1e-6 >= vcpu },
    diskWant(needs?.diskMb),
    ...(gpus > 0 ? [{ what: gpuText, isIn: (room: Resources) => (room.gpus ?? []).filter(fits).length >= gpus }] : []),
    ...(sessions > 0
      ? [
          {
            what: `${sessions} encoder sessions`,
            isIn: (room: Resources) => (room.encoderSessions ?? Infinity) >= sessions,
          },
        ]
      : []),
  ];
}

/** Who says nothing of disks has none for those who ask. */
const diskWant = (asked: number | undefined): Want => ({
  what: asked === undefined ? 'its share of the disk' : `${asked} MB of disk`,
  isIn: ({ diskMb = 0, diskShareMb = 0 }) => diskMb >= (asked ?? diskShareMb),
});
