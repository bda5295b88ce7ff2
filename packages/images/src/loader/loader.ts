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

/** An image that is wanted. */
export interface LoaderItem {
  /** Which of the loader's sources; default the first. */
  readonly source?: number;
  /** Number of the image in its source; a file that is in no source is named by its path. */
  readonly index: number | string;
  /** How it is changed; default not at all. */
  readonly draw?: AugmentDraw;
}

/** Options of {@link createLoader}. */
export interface LoaderOptions {
  readonly sources: readonly LoaderSource[];
  /** Side of the images in pixels. */
  readonly size: number;
  /** Most images of a batch. */
  readonly batchSize: number;
  /** Whether images are named by paths rather than numbers; default false. */
  readonly named?: boolean;
  /** Batches that are made before they are taken; default {@link LOAD_AHEAD}. */
  readonly ahead?: number;
  /** Default {@link loaderThreads}. What comes out does not depend on it. */
  readonly workers?: number;
}

/** Two being filled while one is used, and one to spare for a slow image. */
export const LOAD_AHEAD = 4;

/** More threads than this fill the ring faster than any training empties it. */
const MAX_WORKERS = 16;

/** Threads take about as long to start as so many small images to decode. */
export const MIN_IMAGES_FOR_THREADS = 200;

/** Returns the threads of a loader: one for each core, at most 16. */
export function loaderThreads(): number {
  return Math.min(availableParallelism(), MAX_WORKERS);
}

/** Batches of images made by threads, in the order in which they were asked for. */
export interface Loader {
  /** Whether each batch has memory of its own; else it is used anew when the next one is taken. */
  readonly owned: boolean;
  /** Asks for a batch; it is begun as soon as the ring has room. */
  request(items: readonly LoaderItem[]): void;
  /** Batches that were asked for and not taken. */
  pending(): number;
  /** Images of the oldest pending batch that are finished. */
  progress(): number;
  /**
   * Returns the oldest pending batch, uint8 [B, size, size, 3], when it is finished.
   *
   * @throws DataError when an image cannot be had
   */
  take(): Promise<Uint8Array>;
  /** Ends the threads. What was taken stays readable. */
  close(): Promise<void>;
}

/**
 * Starts threads that read, decode and change images ahead of their use. They share memory and go on
 * while the main thread is inside a native call. The pixels depend on what was asked for alone: not on
 * the number of threads, nor on which of them did what.
 */
export function createLoader(options: LoaderOptions): Loader {
  const { sources, size, batchSize, named = false } = options;
  const { ahead = LOAD_AHEAD, workers = loaderThreads() } = options;
  const memory = createLoaderRing({ sources, size, batchSize, slots: ahead, named });
  const { control, tickets, pixels } = memory;
  const bytes = size * size * 3;
  /** Asked for, without a slot. */
  const queue: (readonly LoaderItem[])[] = [];
  let published = 0;
  let taken = 0;
  /** The batch before `taken` may still be in use. */
  let holding = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const failed = (error: Error): void => {
    failure ??= error;
    wake?.();
  };
  const threads: readonly Worker[] = Array.from({ length: workers }, () => {
    const worker = startWorker('./loader-worker', import.meta.url, memory);
    worker.on('message', (said: LoaderFailure | undefined) => {
      if (said === undefined) wake?.();
      else failed(errorOf(said));
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
      });
      const numbers = slotAt(slot);
      Atomics.store(control, numbers + SLOT.done, 0);
      Atomics.store(control, numbers + SLOT.size, items.length);
      // Last: from here on threads take tickets.
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
        // It may have been finished before threads saw that somebody waits.
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
          `loader: a batch has 1 to ${batchSize} images, but got ${items.length}`,
        );
      }
      if (!named && items.some(({ index }) => typeof index === 'string')) {
        throw new RangeError('loader: images are named by paths only where the option says so');
      }
      queue.push(items);
      publish();
    },
    pending: () => published - taken + queue.length,
    progress: () => doneOf(taken),
    take: async () => {
      holding = false;
      publish();
      if (taken === published) throw new RangeError('loader: nothing was asked for');
      await untilDone(taken);
      const slot = taken % ahead;
      const count = Atomics.load(control, slotAt(slot) + SLOT.size);
      taken += 1;
      holding = true;
      const from = slot * batchSize * bytes;
      return pixels.subarray(from, from + count * bytes);
    },
    close: async () => {
      Atomics.store(control, CONTROL.stopped, 1);
      Atomics.notify(control, CONTROL.published);
      await Promise.all(threads.map((worker) => worker.terminate()));
    },
  };
}

/** While somebody waits for them, threads keep the process alive. */
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
