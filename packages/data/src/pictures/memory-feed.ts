import { augmentInto, isUnchanged, UNCHANGED } from './augment.js';
import { createFeed, type FeedItem, type FeedOptions, type PictureFeed } from './picture-feed.js';
import type { SharedSource } from './picture-source.js';

/** Pixels of pictures, one after the other. */
interface Pixels {
  readonly pixels: Uint8Array;
}

/**
 * Returns a feed without threads, of pictures in memory: each batch is made when it is taken, in memory of
 * its own.
 */
export function memoryFeed(sources: readonly Pixels[], size: number): PictureFeed {
  const queue: (readonly FeedItem[])[] = [];
  const bytes = size * size * 3;
  const fill = (target: Uint8Array, { source = 0, index, draw = UNCHANGED }: FeedItem): void => {
    const all = sources[source]?.pixels;
    if (all === undefined || typeof index === 'string') {
      throw new RangeError('feed: a picture in memory is named by source and number');
    }
    const pixels = all.subarray(index * bytes, (index + 1) * bytes);
    if (isUnchanged(draw, size)) target.set(pixels);
    else augmentInto(target, { pixels, size }, draw);
  };
  return {
    owned: true,
    request: (items) => {
      queue.push(items);
    },
    pending: () => queue.length,
    progress: () => queue[0]?.length ?? 0,
    // eslint-disable-next-line @typescript-eslint/require-await -- the feed with threads waits here
    take: async () => {
      const items = queue.shift();
      if (items === undefined) throw new RangeError('feed: nothing was asked for');
      const batch = new Uint8Array(items.length * bytes);
      items.forEach((item, i) => {
        fill(batch.subarray(i * bytes, (i + 1) * bytes), item);
      });
      return batch;
    },
    close: async () => {
      await Promise.resolve();
    },
  };
}

/** Returns pixels in memory that threads share: the same where they are already. */
function shared(pixels: Uint8Array): Uint8Array {
  if (pixels.buffer instanceof SharedArrayBuffer) return pixels;
  const copy = new Uint8Array(new SharedArrayBuffer(pixels.length));
  copy.set(pixels);
  return copy;
}

/**
 * Returns the feed that is quicker: one without threads for pictures in memory that are at most mirrored,
 * which takes no longer than to copy what a thread had made; one with threads for all others. What comes
 * out is the same.
 */
export function openFeed(
  options: Omit<FeedOptions, 'named'> & {
    /** Whether pictures are changed by more than mirroring. */
    readonly changed: boolean;
  },
): PictureFeed {
  const { changed, ...rest } = options;
  const memory = options.sources.filter((source) => source.kind === 'memory');
  if (!changed && memory.length === options.sources.length) return memoryFeed(memory, rest.size);
  const sources = options.sources.map((source): SharedSource =>
    source.kind === 'memory' ? { kind: 'memory', pixels: shared(source.pixels) } : source,
  );
  return createFeed({ ...rest, sources });
}
