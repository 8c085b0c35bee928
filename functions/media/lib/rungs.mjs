import { fit } from './encode.mjs';

/** Heights and peak rates of H.264 as they are usual for streaming. */
const usual = [
  [2_160, 16_000_000],
  [1_440, 9_000_000],
  [1_080, 5_000_000],
  [720, 2_800_000],
  [480, 1_400_000],
  [360, 800_000],
  [240, 400_000],
  [144, 200_000],
];

/** In proportion to the area, from the next usual height. */
function rateFor(height) {
  const [usualHeight, rate] = usual.findLast(([each]) => each >= height) ?? usual[0];
  return Math.round((rate * (height / usualHeight) ** 2) / 1_000) * 1_000;
}

/** The rungs of a ladder by the source's height: its own size first, then usual ones clearly below it. */
export function rungsFor(source, maxRungs) {
  // A film that stands upright has the rungs of its short side.
  const short = Math.min(source.width, source.height);
  const top = Math.min(short, usual[0][0]);
  const below = usual.map(([height]) => height).filter((height) => height <= top / 1.15);
  return [top, ...below].slice(0, maxRungs).map((height) => {
    const side = source.width < source.height ? { width: height } : { height };
    return { name: `${height}p`, ...fit(source, side), maxBitrate: rateFor(height) };
  });
}
