import { analyse } from './lib/analyse.mjs';
import { mediaFunction } from './lib/function.mjs';

const maxScenes = 2_000;

export const handler = mediaFunction(import.meta.url, { needs: 'video', streams: ['video'] }, async (job) => {
  const { wanted, seconds } = job;
  // Every build has `select`, which notes the score of all pictures here; `scdet` came later.
  const cut = `metadata=mode=print:key=lavfi.scene_score:function=greater:value=${wanted.threshold}:file=-`;
  const video = `scale=320:-2,select='gte(scene,0)',${cut}`;
  const notes = await analyse(job, { video }, 'looking for cuts');
  const cuts = notes.filter((note, index) => note.seconds - (notes[index - 1]?.seconds ?? 0) >= wanted.minSeconds);
  const starts = [{ seconds: 0 }, ...cuts.slice(0, maxScenes - 1)];
  const scenes = starts.map(({ seconds: startSeconds, scene_score: score }, index) => ({
    startSeconds,
    endSeconds: starts[index + 1]?.seconds ?? seconds,
    ...(score !== undefined && { score: Number(score) }),
  }));
  return { scenes, cuts: cuts.length, duration: seconds };
});
