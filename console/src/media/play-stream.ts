import { objectLoader } from './object-loader.js';
import { type ObjectReference, uriOf } from './object-references.js';

interface Playing {
  readonly signal: AbortSignal;
  readonly onProblem: (message: string) => void;
}

/**
 * Plays an HLS stream out of private objects. Through Media Source Extensions even where a browser plays HLS itself:
 * that player would follow the relative names in the playlists without anything to presign them.
 */
export async function playStream(video: HTMLVideoElement, object: ObjectReference, playing: Playing): Promise<void> {
  const { default: Hls } = await import('hls.js');
  if (playing.signal.aborted) return;
  if (!Hls.isSupported()) return playing.onProblem('This browser cannot play streams.');
  const hls = new Hls({
    loader: objectLoader(Hls.DefaultConfig.loader),
    // A worker would need a wider security policy, and CMAF is not converted anyway.
    enableWorker: false,
    capLevelToPlayerSize: true,
    // Somebody who looks at an execution does not always watch its film.
    maxBufferLength: 10,
    maxMaxBufferLength: 60,
  });
  playing.signal.addEventListener('abort', () => hls.destroy());
  hls.on(Hls.Events.ERROR, (_, { fatal, error }) => {
    if (!fatal) return;
    hls.destroy();
    playing.onProblem(`The stream cannot be played: ${error.message}`);
  });
  hls.loadSource(uriOf(object));
  hls.attachMedia(video);
}
