import { augmentInto, isUnchanged, UNCHANGED } from '../augment/augment.js';
import { bytesOf, type Sides } from '../decode/sides.js';
import {
  createLoader,
  MIN_IMAGES_FOR_THREADS,
  type LoaderItem,
  type LoaderOptions,
  type Loader,
} from './loader.js';
import {
  readImage,
  type CachedSource,
  type MemorySource,
  type LoaderSource,
} from './image-source.js';

interface Pixels {
  /** uint8 [N, size, width, 3]. */
  readonly pixels: Uint8Array;
}

/** Images in memory, some of which may still have to be decoded. */
type InMemorySource = Pixels | CachedSource;

const isCached = (source: InMemorySource | undefined): source is CachedSource =>
  source !== undefined && 'decoded' in source;

/** Whether an image is decoded already. */
function isDecoded(sources: readonly InMemorySource[], { source = 0, index }: LoaderItem): boolean {
  const own = sources[source];
  return !isCached(own) || typeof index === 'string' || Atomics.load(own.decoded, index) === 1;
}

/**
 * Creates a loader without threads: each batch is made when it is taken, in new memory, and images that are
 * not decoded yet are decoded then.
 */
export function inProcessLoader(
  sources: readonly InMemorySource[],
  { size, width = size }: Sides,
): Loader {
  const queue: (readonly LoaderItem[])[] = [];
  const bytes = bytesOf({ size, width });
  const fill = async (target: Uint8Array, item: LoaderItem): Promise<void> => {
    const { source = 0, index, draw = UNCHANGED } = item;
    const own = sources[source];
    if (own === undefined || typeof index === 'string') {
      throw new RangeError('loader: images in memory must be requested by number, but got a path');
    }
    if (isCached(own)) await readImage(own, index, { size, width, target });
    const pixels = own.pixels.subarray(index * bytes, (index + 1) * bytes);
    if (!isUnchanged(draw, size, width)) augmentInto(target, { pixels, size, width }, draw);
    else if (!isCached(own)) target.set(pixels);
  };
  return {
    owned: true,
    request: (items) => {
      queue.push(items);
    },
    pending: () => queue.length,
    progress: () => queue[0]?.length ?? 0,
    take: async () => {
      const items = queue.shift();
      if (items === undefined) throw new RangeError('loader: no batch was requested');
      const batch = new Uint8Array(items.length * bytes);
      for (const [i, item] of items.entries()) {
        await fill(batch.subarray(i * bytes, (i + 1) * bytes), item);
      }
      return batch;
    },
    close: async () => {
      await Promise.resolve();
    },
  };
}

/**
 * Creates a loader of images that are decoded once. Batches with undecoded images go through threads, all
 * others are made in process. The threads end once every image is decoded.
 */
function cachingLoader(
  sources: readonly InMemorySource[],
  { sides, open }: { readonly sides: Sides; readonly open: () => Loader },
): Loader {
  const memory = inProcessLoader(sources, sides);
  let threads: Loader | undefined;
  const order: Loader[] = [];
  const endThreads = async (): Promise<void> => {
    const ended = threads;
    threads = undefined;
    await ended?.close();
  };
  return {
    owned: true,
    request: (items) => {
      const loader = items.every((item) => isDecoded(sources, item))
        ? memory
        : (threads ??= open());
      order.push(loader);
      loader.request(items);
    },
    pending: () => order.length,
    progress: () => order[0]?.progress() ?? 0,
    take: async () => {
      const loader = order.shift();
      if (loader === undefined) throw new RangeError('loader: no batch was requested');
      const pixels = await loader.take();
      if (loader.owned) return pixels;
      // The ring's memory is reused, so the batch is copied.
      const own = pixels.slice();
      if (!order.includes(loader) && undecodedCount(sources) === 0) await endThreads();
      return own;
    },
    close: endThreads,
  };
}

/** Returns how many images are not decoded yet. */
function undecodedCount(sources: readonly InMemorySource[]): number {
  let count = 0;
  for (const source of sources) {
    if (isCached(source)) for (const each of source.decoded) count += 1 - each;
  }
  return count;
}

/** Returns pixels in memory shared by threads: the same array where they are already. */
function shared(pixels: Uint8Array): Uint8Array {
  if (pixels.buffer instanceof SharedArrayBuffer) return pixels;
  const copy = new Uint8Array(new SharedArrayBuffer(pixels.length));
  copy.set(pixels);
  return copy;
}

const isInMemory = (source: LoaderSource): source is MemorySource | CachedSource =>
  source.kind === 'memory' || source.kind === 'cached';

/**
 * Opens the faster kind of loader: without threads for images in memory that are at most mirrored, since
 * that takes no longer than copying a batch a thread had made; with threads for all others. The batches are
 * the same.
 */
export function openLoader(
  options: Omit<LoaderOptions, 'named'> & {
    /** Whether images are augmented by more than mirroring. */
    readonly changed: boolean;
  },
): Loader {
  const { changed, ...rest } = options;
  const { size, width } = rest;
  const sides = { size, width };
  const withThreads = (): Loader =>
    createLoader({
      ...rest,
      sources: options.sources.map((source): LoaderSource =>
        source.kind === 'memory' ? { kind: 'memory', pixels: shared(source.pixels) } : source,
      ),
    });
  const held = options.sources.filter(isInMemory);
  if (changed || held.length < options.sources.length) return withThreads();
  if (undecodedCount(held) < MIN_IMAGES_FOR_THREADS) return inProcessLoader(held, sides);
  return cachingLoader(held, { sides, open: withThreads });
}
