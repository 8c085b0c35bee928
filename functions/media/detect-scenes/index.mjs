import { analyse } from './lib/analyse.mjs';
import { mediaFunction } from './lib/function.mjs';

const maxScenes = 2_000;

export const handler = mediaFunction(import.meta.url, { needs: 'video' }, async (job) => {
  const { source, wanted, seconds, report } = job;
  // Every build has `select`; `scdet` came later.
  const video = `scale=320:-2,select='gt(scene,${wanted.threshold})',metadata=mode=print:file=-`;
  const notes = await analyse(source, { video }, { doing: 'looking for cuts', onSeconds: report });
  const cuts = notes.filter((note, index) => note.seconds - (notes[index - 1]?.seconds ?? 0) >= wanted.minSeconds);
  const starts = [{ seconds: 0 }, ...cuts.slice(0, maxScenes - 1)];
  const scenes = starts.map(({ seconds: startSeconds, scene_score: score }, index) => ({
    startSeconds,
    endSeconds: starts[index + 1]?.seconds ?? seconds,
    ...(score !== undefined && { score: Number(score) }),
  }));
  return { scenes, cuts: cuts.length, duration: seconds };
});
