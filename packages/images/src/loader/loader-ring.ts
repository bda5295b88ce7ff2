/**
 * The memory that a loader shares with its threads: a ring of slots, each holding one batch of requests
 * (tickets) and of pixels. Threads never wait for a message, so the ring fills while the main thread is
 * inside a native step.
 */
import { DataError } from '@janus/core';
import { AUGMENT_FIELDS } from '../augment/augment.js';
import { bytesOf, type Sides } from '../decode/sides.js';
import type { LoaderSource } from './image-source.js';

/** Numbers per ticket: source, index in it, and the augmentation. */
export const TICKET_FIELDS: number = 2 + AUGMENT_FIELDS;

/** Indices in `control` of the numbers for the whole ring. */
export const CONTROL = {
  /** Batches published to the threads so far; threads wait for it to grow. */
  published: 0,
  /** 1 when the threads must end. */
  stopped: 1,
  /** 1 while the main thread waits for a message. */
  waiting: 2,
  /** 1 once an image failed; the thread's message says why. */
  failed: 3,
  /** Where the slots' numbers begin. */
  slots: 4,
} as const;

/** Offsets in `control` of one slot's numbers. */
export const SLOT = {
  /** Tickets not yet taken by a thread; 0 or less when there are none. */
  left: 0,
  /** Images that are finished. */
  done: 1,
  /** Images in the batch. */
  size: 2,
  /** Numbers per slot. */
  length: 3,
} as const;

/** The shared memory of a loader; its threads receive it as their worker data. */
export interface LoaderRing extends Sides {
  /** Batches the ring holds. */
  readonly slots: number;
  /** Largest batch, in images. */
  readonly batchSize: number;
  readonly sources: readonly LoaderSource[];
  /** int32: the numbers of {@link CONTROL}, then those of each {@link SLOT}. */
  readonly control: Int32Array;
  /** float64 [slots, batchSize, TICKET_FIELDS]. */
  readonly tickets: Float64Array;
  /** uint8 [slots, batchSize, size, width, 3]. */
  readonly pixels: Uint8Array;
  /** uint8 [slots, batchSize, PATH_BYTES]: paths of tickets; empty where images are requested by index. */
  readonly paths: Uint8Array;
  /** uint8 [slots, batchSize]: 1 where an image could not be read; empty where that ends the loader. */
  readonly unreadable: Uint8Array;
}

/** Bytes per path: two for its length, the rest for its text (PATH_MAX of Linux is 4096). */
export const PATH_BYTES = 4096;

/** In place of a ticket's source: the image is the file whose path the ticket carries. */
export const NAMED_FILE = -1;

/** The message of a thread that failed to load an image. */
export interface LoaderFailure {
  readonly message: string;
  /** True for a DataError, false for an error of the program. */
  readonly expected: boolean;
  /** The file that a DataError names. */
  readonly path?: string;
}

/** Allocates the shared memory of a loader. */
export function createLoaderRing(
  options: Pick<LoaderRing, 'size' | 'width' | 'slots' | 'batchSize' | 'sources'> & {
    /** Whether images are requested by path. */
    readonly named: boolean;
    /** Whether an image that cannot be read is marked, rather than the end. */
    readonly tolerant: boolean;
  },
): LoaderRing {
  const { size, width, slots, batchSize, sources, named, tolerant } = options;
  const bytes = bytesOf({ size, width });
  return {
    ...{ size, width, slots, batchSize, sources },
    paths: new Uint8Array(new SharedArrayBuffer(named ? slots * batchSize * PATH_BYTES : 0)),
    unreadable: new Uint8Array(new SharedArrayBuffer(tolerant ? slots * batchSize : 0)),
    control: new Int32Array(new SharedArrayBuffer(4 * (CONTROL.slots + SLOT.length * slots))),
    tickets: new Float64Array(new SharedArrayBuffer(8 * slots * batchSize * TICKET_FIELDS)),
    pixels: new Uint8Array(new SharedArrayBuffer(slots * batchSize * bytes)),
  };
}

/** Returns where a slot's numbers begin in `control`. */
export const slotAt = (slot: number): number => CONTROL.slots + SLOT.length * slot;

/**
 * Writes the path of a ticket.
 *
 * @throws DataError when the path is longer than 4,094 bytes
 */
export function setPath({ paths }: Pick<LoaderRing, 'paths'>, ticket: number, path: string): void {
  const text = new TextEncoder().encode(path);
  if (text.length > PATH_BYTES - 2) {
    throw new DataError(
      `${path}: a path must be at most ${PATH_BYTES - 2} bytes long, but has ${text.length}. Move the file.`,
      { path },
    );
  }
  const at = ticket * PATH_BYTES;
  paths[at] = text.length & 0xff;
  paths[at + 1] = text.length >> 8;
  paths.set(text, at + 2);
}

/** Reads the path of a ticket. */
export function pathOf({ paths }: Pick<LoaderRing, 'paths'>, ticket: number): string {
  const at = ticket * PATH_BYTES;
  const length = (paths[at] ?? 0) | ((paths[at + 1] ?? 0) << 8);
  // TextDecoder refuses shared memory, so the bytes are copied.
  return Buffer.from(paths.slice(at + 2, at + 2 + length)).toString();
}
