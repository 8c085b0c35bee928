import type { Places, Resources } from '@app/worker-api';

export const NOTHING_FREE: Resources = { slots: 0, memoryMb: 0, vcpu: 0 };

/** What one request offers, the other does not: of the GPUs all go with one. */
export const minus = (a: Resources, b: Resources): Resources => ({
  slots: Math.max(0, a.slots - b.slots),
  memoryMb: Math.max(0, a.memoryMb - b.memoryMb),
  vcpu: Math.max(0, a.vcpu - b.vcpu),
  ...(a.diskMb !== undefined && { diskMb: Math.max(0, a.diskMb - (b.diskMb ?? 0)) }),
  ...(a.diskShareMb !== undefined && { diskShareMb: a.diskShareMb }),
  ...(a.gpus && !b.gpus && { gpus: a.gpus }),
  ...(a.encoderSessions !== undefined && {
    encoderSessions: Math.max(0, a.encoderSessions - (b.encoderSessions ?? 0)),
  }),
});

/** Places that no other request offers. */
export const placesBeside = (places: Places, asked: Places): Places =>
  places.flatMap((place) => {
    const { versionId, namespace } = place;
    const other = asked.find((one) => one.versionId === versionId && one.namespace === namespace);
    const free = place.free - (other?.free ?? 0);
    return free > 0 ? [{ ...place, free }] : [];
  });

const MUCH = 2;

/**
 * Whether tasks would fit now that do not fit what a waiting request offers. Of a little more it is enough that the next
 * request has it: that one comes as soon as anything does.
 */
export function hasGrown(asked: Resources, free: Resources): boolean {
  if (asked.slots === 0) return false;
  const { gpus = [], encoderSessions = Infinity } = free;
  const hasMoreOf = (index: number): boolean => {
    const before = asked.gpus?.[index];
    const now = gpus[index];
    if (now === undefined) return false;
    return now.memoryMb > (before?.memoryMb ?? -1) || (now.isWhole && !before?.isWhole);
  };
  const hasMoreGpus = gpus.some((_, index) => hasMoreOf(index));
  const hasMoreSessions = encoderSessions > (asked.encoderSessions ?? Infinity);
  const hasMoreDisk = (free.diskMb ?? 0) > MUCH * (asked.diskMb ?? 0);
  const hasMoreRoom = hasMoreDisk || free.memoryMb > MUCH * asked.memoryMb || free.vcpu > MUCH * asked.vcpu;
  return hasMoreGpus || hasMoreSessions || hasMoreRoom;
}
