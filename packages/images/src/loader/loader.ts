import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { DataError } from '@janus/core';
import { fieldsOfDraw, UNCHANGED, type AugmentDraw } from '../augment/augment.js';
import {
  CONTROL,
  createLoaderRing,
  NAMED_FILE,
  setPath,
  SLOT,
  slotAt,
  TICKET_FIELDS,
  type LoaderFailure,
} from './loader-ring.js';
import type { LoaderSource } from './image-source.js';
import { startWorker } from './start-worker.js';
import { bytesOf, type Sides } from '../decode/sides.js';

/** A request for one image. */
export interface LoaderItem {
  /** Index of the loader's source; default 0. */
  readonly source?: number;
  /** Index of the image in its source, or the path of a file that is in no source. */
  readonly index: number | string;
  /** How it is augmented; default `UNCHANGED`. */
  readonly draw?: AugmentDraw;
}

/** Options of {@link createLoader}. */
export interface LoaderOptions extends Sides {
  readonly sources: readonly LoaderSource[];
  /** Largest batch that will be requested, in images. */
  readonly batchSize: number;
  /** Whether images are requested by path rather than by index; default false. */
  readonly named?: boolean;
  /** Whether an image that cannot be read is marked in its batch, rather than an error of it; default false. */
  readonly tolerant?: boolean;
  /** Batches in the ring, loaded before they are taken; default `LOAD_AHEAD`. */
  readonly ahead?: number;
  /** Threads; default {@link loaderThreads}. The batches do not depend on it. */
  readonly workers?: number;
}

/** Default batches in the ring: one in use, two being filled, and one spare for when an image is slow. */
export const LOAD_AHEAD = 4;

/** More threads than this fill the ring faster than any training empties it. */
const MAX_WORKERS = 16;

/** Below this, starting threads takes longer than decoding the (small) images without them. */
export const MIN_IMAGES_FOR_THREADS = 200;

/** Returns the default number of threads of a loader: one per core, at most 16. */
export function loaderThreads(): number {
  return Math.min(availableParallelism(), MAX_WORKERS);
}

/** Makes batches of images, in the order in which they are requested. */
export interface Loader {
  /** Whether each batch has its own memory; otherwise it is reused when the next batch is taken. */
  readonly owned: boolean;
  /** Requests a batch; work on it starts as soon as the ring has room. */
  request(items: readonly LoaderItem[]): void;
  /** Returns how many batches were requested and not yet taken. */
  pending(): number;
  /** Returns how many images of the oldest pending batch are finished. */
  progress(): number;
  /**
   * Waits for the oldest pending batch and returns it.
   *
   * @returns uint8 [B, size, width, 3]
   * @throws DataError when an image cannot be read or decoded
   */
  take(): Promise<Uint8Array>;
  /** Ends the threads. Batches that were taken stay readable. */
  close(): Promise<void>;
}

/** A loader with threads. */
export interface ThreadLoader extends Loader {
  /** Returns which images of the batch that was taken last could not be read, where the loader is tolerant. */
  unreadable(): readonly number[];
}

/**
 * Starts threads that read, decode and augment images ahead of their use. They work on shared memory and
 * keep running while the main thread is inside a native call. The pixels depend on the requests alone: not
 * on the number of threads, nor on which thread made which image.
 */
export function createLoader(options: LoaderOptions): ThreadLoader {
  const { sources, size, width, batchSize, named = false, tolerant = false } = options;
  const { ahead = LOAD_AHEAD, workers = loaderThreads() } = options;
  const memory = createLoaderRing({
    ...{ sources, size, width, batchSize, slots: ahead, named, tolerant },
  });
  const { control, tickets, pixels, unreadable } = memory;
  const bytes = bytesOf({ size, width });
  /** Requested batches without a slot yet. */
  const queue: (readonly LoaderItem[])[] = [];
  let published = 0;
  let taken = 0;
  /** Whether the batch before `taken` may still be in use. */
  let holding = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const failed = (error: Error): void => {
    failure ??= error;
    wake?.();
  };
  const threads: readonly Worker[] = Array.from({ length: workers }, () => {
    const worker = startWorker('./loader-worker', import.meta.url, memory);
    worker.on('message', (message: LoaderFailure | undefined) => {
      if (message === undefined) wake?.();
      else failed(errorOf(message));
    });
    worker.on('error', failed);
    return worker;
  });

  const publish = (): void => {
    while (queue.length > 0 && published - taken + (holding ? 1 : 0) < ahead) {
      const items = queue.shift() ?? [];
      const slot = published % ahead;
      items.forEach(({ source = 0, index, draw = UNCHANGED }, i) => {
        const place = slot * batchSize + i;
        const at = place * TICKET_FIELDS;
        tickets[at] = typeof index === 'string' ? NAMED_FILE : source;
        if (typeof index === 'string') setPath(memory, place, index);
        else tickets[at + 1] = index;
        tickets.set(fieldsOfDraw(draw), at + 2);
        if (tolerant) Atomics.store(unreadable, place, 0);
      });
      const numbers = slotAt(slot);
      Atomics.store(control, numbers + SLOT.done, 0);
      Atomics.store(control, numbers + SLOT.size, items.length);
      // Last, since from here on threads take tickets.
      Atomics.store(control, numbers + SLOT.left, items.length);
      published += 1;
      Atomics.store(control, CONTROL.published, published);
      Atomics.notify(control, CONTROL.published);
    }
  };

  const doneOf = (batch: number): number =>
    batch < published ? Atomics.load(control, slotAt(batch % ahead) + SLOT.done) : 0;

  const untilDone = async (batch: number): Promise<void> => {
    const count = Atomics.load(control, slotAt(batch % ahead) + SLOT.size);
    for (;;) {
      if (failure !== undefined) throw failure;
      const failing = Atomics.load(control, CONTROL.failed) === 1;
      if (!failing && doneOf(batch) === count) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        keepAlive(threads, true);
        Atomics.store(control, CONTROL.waiting, 1);
        // It may have been finished before the threads saw that the main thread waits.
        if (!failing && doneOf(batch) === count) resolve();
      });
      wake = undefined;
      Atomics.store(control, CONTROL.waiting, 0);
      keepAlive(threads, false);
    }
  };

  return {
    owned: false,
    request: (items) => {
      if (items.length === 0 || items.length > batchSize) {
        throw new RangeError(
          `loader: a batch must have 1 to ${batchSize} images, but got ${items.length}`,
        );
      }
      if (!named && items.some(({ index }) => typeof index === 'string')) {
        throw new RangeError(
          'loader: images must be requested by index, but got a path. Set the option named.',
        );
      }
      queue.push(items);
      publish();
    },
    pending: () => published - taken + queue.length,
    progress: () => doneOf(taken),
    take: async () => {
      holding = false;
      publish();
      if (taken === published) throw new RangeError('loader: no batch was requested');
      await untilDone(taken);
      const slot = taken % ahead;
      const count = Atomics.load(control, slotAt(slot) + SLOT.size);
      taken += 1;
      holding = true;
      const from = slot * batchSize * bytes;
      return pixels.subarray(from, from + count * bytes);
    },
    unreadable: () => {
      const slot = (taken - 1) % ahead;
      const count = Atomics.load(control, slotAt(slot) + SLOT.size);
      const marks = unreadable.subarray(slot * batchSize, slot * batchSize + count);
      return [...marks].flatMap((mark, i) => (mark === 1 ? [i] : []));
    },
    close: async () => {
      Atomics.store(control, CONTROL.stopped, 1);
      Atomics.notify(control, CONTROL.published);
      await Promise.all(threads.map((worker) => worker.terminate()));
    },
  };
}

/** Threads keep the process alive only while the main thread waits for them. */
function keepAlive(threads: readonly Worker[], alive: boolean): void {
  for (const worker of threads) {
    if (alive) worker.ref();
    else worker.unref();
  }
}

function errorOf({ message, expected, path }: LoaderFailure): Error {
  if (!expected) return new Error(message);
  return new DataError(message, path === undefined ? {} : { path });
}
