import { LOAD_AHEAD, type LoaderItem, type Loader } from './loader.js';

/** Images by number, made ahead when somebody says what comes next. */
export interface PrefetchQueue {
  /** Says which batches will be taken, in this order, after those that were said before. */
  readonly expect: (batches: readonly ArrayLike<number>[], epoch: number) => void;
  /**
   * Returns a batch, uint8 [B, size, size, 3], whether it was expected or not. The memory is used anew from
   * the next call on.
   */
  readonly take: (batch: ArrayLike<number>, epoch: number) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

interface Expected {
  readonly batch: ArrayLike<number>;
  readonly epoch: number;
}

/**
 * Returns a queue over a loader. Only as many batches are asked for as the ring holds: an epoch of a million
 * images is expected in no time.
 *
 * @param itemOf how image `index` is wanted in `epoch`
 */
export function prefetchQueue(
  loader: Loader,
  itemOf: (index: number, epoch: number) => LoaderItem,
): PrefetchQueue {
  let expected: readonly Expected[] = [];
  /** Place in `expected` of what is requested next. */
  let next = 0;
  let requested: Expected[] = [];
  const request = (wanted: Expected): void => {
    requested.push(wanted);
    loader.request(Array.from(wanted.batch, (index) => itemOf(index, wanted.epoch)));
  };
  const pump = (): void => {
    for (; requested.length < LOAD_AHEAD; next++) {
      const wanted = expected[next];
      if (wanted === undefined) return;
      request(wanted);
    }
  };
  const isSame = (a: Expected, b: Expected): boolean =>
    a.epoch === b.epoch &&
    a.batch.length === b.batch.length &&
    Array.from(a.batch).every((index, i) => index === b.batch[i]);
  return {
    expect: (batches, epoch) => {
      expected = [...expected.slice(next), ...batches.map((batch) => ({ batch, epoch }))];
      next = 0;
      pump();
    },
    take: async (batch, epoch) => {
      const wanted = { batch, epoch };
      const first = requested[0];
      if (first === undefined || !isSame(first, wanted)) {
        // Somebody went elsewhere: what was made for the old way is thrown away.
        expected = [];
        next = 0;
        while (requested.length > 0) {
          requested.shift();
          await loader.take();
        }
        request(wanted);
      }
      const pixels = await loader.take();
      requested = requested.slice(1);
      pump();
      return pixels;
    },
    close: async () => {
      await loader.close();
    },
  };
}
