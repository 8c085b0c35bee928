import { ffmpeg, input } from './ffmpeg.mjs';
import { checkRead } from './verify.mjs';

const end = ['-f', 'null', '-'];

/** Reads one stream through a filter that notes what it finds, and gives back the notes: [{ seconds, name: value … }]. */
export async function analyse({ source, seconds, report }, { video, audio, track = 0 }, doing) {
  const stream = video ? ['-map', '0:V:0', '-an', '-vf', video] : ['-map', `0:a:${track}`, '-vn', '-af', audio];
  const args = [...input(source), ...stream, '-sn', '-dn', ...end];
  const { stdout, seconds: read } = await ffmpeg(args, { doing, onSeconds: report });
  checkRead(read, seconds);
  return notesOf(stdout);
}

/** What the filters `metadata` and `ametadata` print: "frame:9 pts:… pts_time:3.1", then lines "lavfi.name=value". */
export function notesOf(text) {
  const notes = [];
  for (const line of text.split('\n')) {
    const [, seconds] = /^frame:.*pts_time:(\S+)/.exec(line) ?? [];
    if (seconds !== undefined) notes.push({ seconds: Number(seconds) });
    const [, name, value] = /^lavfi\.([^=]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && notes.length > 0) notes.at(-1)[name] = value;
  }
  return notes;
}

const round = (seconds) => Math.round(seconds * 1_000) / 1_000;

/**
 * Notes of beginnings and ends as spans of time, at least so long. One that is open at the end lasts to the end: the
 * filters do not say so.
 */
export function spansOf(notes, [startName, endName], { total, minSeconds = 0 }) {
  const spans = [];
  let start;
  for (const note of notes) {
    if (note[startName] !== undefined) start = Math.max(0, Number(note[startName]));
    if (note[endName] === undefined || start === undefined) continue;
    spans.push([start, Number(note[endName])]);
    start = undefined;
  }
  if (start !== undefined) spans.push([start, Math.max(start, total ?? start)]);
  return spans
    .filter(([from, to]) => to - from >= minSeconds - 0.001)
    .map(([from, to]) => ({ startSeconds: round(from), endSeconds: round(to), seconds: round(to - from) }));
}

export const lengthOf = (spans) => round(spans.reduce((sum, { seconds }) => sum + seconds, 0));
