import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext } from 'hls.js';
import { objectUrl } from '../api/queries.js';
import { objectOf } from './object-references.js';

type LoaderClass = new (config: HlsConfig) => Loader<LoaderContext>;

/**
 * hls.js sees a stream as `s3://bucket/key`, so that the relative names in its playlists lead from object to object.
 * The store wants each address presigned: it is asked for when the object is loaded, and so never runs out.
 */
export function objectLoader(Base: LoaderClass): LoaderClass {
  return class ObjectLoader extends Base {
    readonly gone = new AbortController();

    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      this.begin(context, config, callbacks).catch((error: unknown) => {
        if (this.gone.signal.aborted) return;
        const text = error instanceof Error ? error.message : String(error);
        callbacks.onError({ code: 0, text }, context, null, this.stats);
      });
    }

    async begin(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): Promise<void> {
      const { signal } = this.gone;
      const url = await presigned(context.url, signal);
      if (!signal.aborted) super.load({ ...context, url }, config, answersTo(context, callbacks));
    }

    override abort(): void {
      this.gone.abort();
      super.abort();
    }

    override destroy(): void {
      this.gone.abort();
      super.destroy();
    }
  };
}

async function presigned(uri: string, signal: AbortSignal): Promise<string> {
  const object = objectOf(uri);
  if (!object) throw new Error('The playlist names something that is not in the object store');
  return (await objectUrl(object, signal)).url;
}

/** hls.js resolves names against the address of the answer, so it is told the one it asked for. */
function answersTo(context: LoaderContext, callbacks: LoaderCallbacks<LoaderContext>): LoaderCallbacks<LoaderContext> {
  const { onProgress, onAbort } = callbacks;
  return {
    onSuccess: (response, stats, _, details) =>
      callbacks.onSuccess({ ...response, url: context.url }, stats, context, details),
    onError: (error, _, details, stats) => callbacks.onError(error, context, details, stats),
    onTimeout: (stats, _, details) => callbacks.onTimeout(stats, context, details),
    ...(onProgress && { onProgress: (stats, _, data, details) => onProgress(stats, context, data, details) }),
    ...(onAbort && { onAbort: (stats, _, details) => onAbort(stats, context, details) }),
  };
}
