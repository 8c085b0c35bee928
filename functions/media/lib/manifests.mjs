const total = (segments, field) => segments.reduce((sum, segment) => sum + segment[field], 0);
const average = ({ segments }) => Math.ceil((total(segments, 'bytes') * 8) / total(segments, 'seconds'));

/** RFC 8216 4.1: a piece much shorter than the others, such as the last, says nothing of the peak. */
function peak(stream) {
  const { segments } = stream;
  const longest = Math.max(...segments.map(({ seconds }) => seconds));
  const counted = segments.filter(({ seconds }) => seconds >= longest / 2);
  return Math.ceil(Math.max(average(stream), ...counted.map(({ bytes, seconds }) => (bytes * 8) / seconds)));
}

const sum = (values) => values.reduce((all, value) => all + value, 0);

/** What a stream measures: ffmpeg's own master playlist says less than the peak. */
export const bandwidthOf = (stream) => ({ peak: peak(stream), average: average(stream) });

const attributes = (list) =>
  Object.entries(list)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
const quoted = (text) => `"${text}"`;

/** RFC 8216. A player begins with the first variant, so they come in the order they were given in. */
export function hlsMaster({ video, audio }) {
  const sounds = audio.map(({ name, facts, language }, index) =>
    attributes({
      TYPE: 'AUDIO',
      'GROUP-ID': quoted('audio'),
      NAME: quoted(name),
      LANGUAGE: language && quoted(language),
      DEFAULT: index === 0 ? 'YES' : 'NO',
      AUTOSELECT: 'YES',
      CHANNELS: quoted(facts.channels),
      URI: quoted(`${name}/index.m3u8`),
    }),
  );
  const louder = (measure) => Math.max(0, ...audio.map((stream) => bandwidthOf(stream)[measure]));
  const variants = (video.length > 0 ? video : audio).map((stream) => {
    const { width, height, frameRate } = stream.facts;
    const beside = video.length > 0 && audio.length > 0;
    const line = attributes({
      BANDWIDTH: bandwidthOf(stream).peak + (beside ? louder('peak') : 0),
      'AVERAGE-BANDWIDTH': bandwidthOf(stream).average + (beside ? louder('average') : 0),
      CODECS: quoted([stream.codec, ...(beside ? [audio[0].codec] : [])].join(',')),
      RESOLUTION: width && `${width}x${height}`,
      'FRAME-RATE': frameRate && frameRate.toFixed(3),
      'VIDEO-RANGE': width && (stream.facts.transfer ?? 'SDR'),
      AUDIO: beside ? quoted('audio') : undefined,
    });
    return `#EXT-X-STREAM-INF:${line}\n${stream.name}/index.m3u8`;
  });
  const media = video.length > 0 ? sounds.map((line) => `#EXT-X-MEDIA:${line}`) : [];
  return ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...media, ...variants, ''].join('\n');
}

const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const tag = (name, list) =>
  `<${name}${Object.entries(list)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}="${escape(value)}"`))
    .join('')}`;

/** Microseconds, each from the sum so far: rounding does not add up. */
function timeline({ segments, startSeconds }) {
  let at = startSeconds;
  const lines = segments.map(({ seconds }, index) => {
    const begin = Math.round(at * 1e6);
    at += seconds;
    return `<S${index === 0 ? ` t="${begin}"` : ''} d="${Math.round(at * 1e6) - begin}"/>`;
  });
  return `<SegmentTimeline>${lines.join('')}</SegmentTimeline>`;
}

function representation(stream, type) {
  const { name, facts, codec } = stream;
  const shape =
    type === 'video'
      ? { width: facts.width, height: facts.height, frameRate: facts.frameRate, sar: '1:1' }
      : { audioSamplingRate: facts.sampleRate };
  const media = {
    timescale: 1_000_000,
    initialization: `${name}/init.mp4`,
    media: `${name}/segment_$Number%05d$.m4s`,
    startNumber: 0,
  };
  return [
    `${tag('Representation', { id: name, mimeType: `${type}/mp4`, codecs: codec, bandwidth: bandwidthOf(stream).peak, ...shape })}>`,
    `${tag('SegmentTemplate', media)}>${timeline(stream)}</SegmentTemplate>`,
    '</Representation>',
  ].join('');
}

/** ISO/IEC 23009-1, over the same segments as the HLS playlists. */
export function dashManifest({ video, audio }) {
  const seconds = Math.max(
    ...[...video, ...audio].map(
      ({ startSeconds, segments }) => startSeconds + sum(segments.map((segment) => segment.seconds)),
    ),
  );
  const longest = Math.max(
    ...[...video, ...audio].flatMap(({ segments }) => segments.map((segment) => segment.seconds)),
  );
  const set = (streams, type, more) =>
    streams.length === 0
      ? ''
      : `${tag('AdaptationSet', { contentType: type, segmentAlignment: true, startWithSAP: 1, ...more })}>${streams.map((stream) => representation(stream, type)).join('')}</AdaptationSet>`;
  const sets = [set(video, 'video', {}), ...audio.map((stream) => set([stream], 'audio', { lang: stream.language }))];
  const head = tag('MPD', {
    xmlns: 'urn:mpeg:dash:schema:mpd:2011',
    type: 'static',
    profiles: 'urn:mpeg:dash:profile:isoff-live:2011',
    mediaPresentationDuration: `PT${seconds.toFixed(3)}S`,
    minBufferTime: `PT${longest.toFixed(3)}S`,
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}><Period id="0" start="PT0S">${sets.join('')}</Period></MPD>\n`;
}
