/**
 * What a loader's threads share: images that are wanted, and places for them. No thread waits for a
 * message of another, so that the ring fills while the main thread is inside a native step.
 */
import { DataError } from '@janus/core';
import { AUGMENT_FIELDS } from '../augment/augment.js';
import type { LoaderSource } from './image-source.js';

/** Numbers of a ticket: source, index in it, and how the image is changed. */
export const TICKET_FIELDS: number = 2 + AUGMENT_FIELDS;

/** Places in `control` that all slots share. */
export const CONTROL = {
  /** Batches that were asked for so far; threads wait for it to grow. */
  published: 0,
  /** 1 when threads are to end. */
  stopped: 1,
  /** 1 while the main thread waits for a message. */
  waiting: 2,
  /** 1 when an image could not be had; the message says why. */
  failed: 3,
  /** Where the slots' own begin. */
  slots: 4,
} as const;

/** Places in `control` of one slot, from its beginning on. */
export const SLOT = {
  /** Tickets that nobody took; 0 or less when there are none. */
  left: 0,
  /** Images that are finished. */
  done: 1,
  /** Images of the batch. */
  size: 2,
  length: 3,
} as const;

/** Memory of a loader, as its threads get it. */
export interface LoaderRing {
  /** Side of an image in pixels. */
  readonly size: number;
  readonly slots: number;
  /** Most images of a batch. */
  readonly batchSize: number;
  readonly sources: readonly LoaderSource[];
  readonly control: Int32Array;
  /** float64 [slots, batchSize, TICKET_FIELDS]. */
  readonly tickets: Float64Array;
  /** uint8 [slots, batchSize, size, size, 3]. */
  readonly pixels: Uint8Array;
  /** uint8 [slots, batchSize, PATH_BYTES]: files that tickets name themselves; empty where none do. */
  readonly paths: Uint8Array;
}

/** Longest path that a ticket can name, and the two bytes of its length (Linux's PATH_MAX). */
export const PATH_BYTES = 4096;

/** Stands for a source: the file that the ticket names. */
export const NAMED_FILE = -1;

/** What a thread says when an image could not be had. */
export interface LoaderFailure {
  readonly message: string;
  /** Whether the image is to blame rather than the program. */
  readonly expected: boolean;
  readonly path?: string;
}

/** Returns memory for a loader. */
export function createLoaderRing(
  options: Pick<LoaderRing, 'size' | 'slots' | 'batchSize' | 'sources'> & {
    /** Whether tickets name files themselves. */
    readonly named: boolean;
  },
): LoaderRing {
  const { size, slots, batchSize, sources, named } = options;
  const bytes = size * size * 3;
  return {
    ...{ size, slots, batchSize, sources },
    paths: new Uint8Array(new SharedArrayBuffer(named ? slots * batchSize * PATH_BYTES : 0)),
    control: new Int32Array(new SharedArrayBuffer(4 * (CONTROL.slots + SLOT.length * slots))),
    tickets: new Float64Array(new SharedArrayBuffer(8 * slots * batchSize * TICKET_FIELDS)),
    pixels: new Uint8Array(new SharedArrayBuffer(slots * batchSize * bytes)),
  };
}

/** Returns where a slot's numbers begin in `control`. */
export const slotAt = (slot: number): number => CONTROL.slots + SLOT.length * slot;

/** Writes the path of a ticket. */
export function setPath({ paths }: Pick<LoaderRing, 'paths'>, ticket: number, path: string): void {
  const text = new TextEncoder().encode(path);
  if (text.length > PATH_BYTES - 2) {
    throw new DataError(
      `${path}: a path must be at most ${PATH_BYTES - 2} bytes long, but is ${text.length}. Move the file.`,
      { path },
    );
  }
  const at = ticket * PATH_BYTES;
  paths[at] = text.length & 0xff;
  paths[at + 1] = text.length >> 8;
  paths.set(text, at + 2);
}

/** Returns the path of a ticket. */
export function pathOf({ paths }: Pick<LoaderRing, 'paths'>, ticket: number): string {
  const at = ticket * PATH_BYTES;
  const length = (paths[at] ?? 0) | ((paths[at + 1] ?? 0) << 8);
  // A decoder of texts takes no shared memory.
  return Buffer.from(paths.slice(at + 2, at + 2 + length)).toString();
}
