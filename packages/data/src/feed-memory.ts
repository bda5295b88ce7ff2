/**
 * What a feed's threads share: pictures that are wanted, and places for them. No thread waits for a
 * message of another, so that the ring fills while the main thread is inside a native step.
 */
import { AUGMENT_FIELDS } from './augment.js';
import type { SharedSource } from './picture-source.js';

/** Numbers of a ticket: source, index in it, and how the picture is changed. */
export const TICKET_FIELDS: number = 2 + AUGMENT_FIELDS;

/** Places in `control` that all slots share. */
export const CONTROL = {
  /** Batches that were asked for so far; threads wait for it to grow. */
  published: 0,
  /** 1 when threads are to end. */
  stopped: 1,
  /** 1 while the main thread waits for a message. */
  waiting: 2,
  /** 1 when a picture could not be had; the message says why. */
  failed: 3,
  /** Where the slots' own begin. */
  slots: 4,
} as const;

/** Places in `control` of one slot, from its beginning on. */
export const SLOT = {
  /** Tickets that nobody took; 0 or less when there are none. */
  left: 0,
  /** Pictures that are finished. */
  done: 1,
  /** Pictures of the batch. */
  size: 2,
  length: 3,
} as const;

/** Memory of a feed, as its threads get it. */
export interface FeedMemory {
  /** Side of a picture in pixels. */
  readonly size: number;
  readonly slots: number;
  /** Most pictures of a batch. */
  readonly batchSize: number;
  readonly sources: readonly SharedSource[];
  readonly control: Int32Array;
  /** float64 [slots, batchSize, TICKET_FIELDS]. */
  readonly tickets: Float64Array;
  /** uint8 [slots, batchSize, size, size, 3]. */
  readonly pixels: Uint8Array;
}

/** What a thread says when a picture could not be had. */
export interface FeedFailure {
  readonly message: string;
  /** Whether the picture is to blame rather than the program. */
  readonly expected: boolean;
  readonly path?: string;
}

/** Returns memory for a feed. */
export function feedMemory(
  options: Pick<FeedMemory, 'size' | 'slots' | 'batchSize' | 'sources'>,
): FeedMemory {
  const { size, slots, batchSize } = options;
  const bytes = size * size * 3;
  return {
    ...options,
    control: new Int32Array(new SharedArrayBuffer(4 * (CONTROL.slots + SLOT.length * slots))),
    tickets: new Float64Array(new SharedArrayBuffer(8 * slots * batchSize * TICKET_FIELDS)),
    pixels: new Uint8Array(new SharedArrayBuffer(slots * batchSize * bytes)),
  };
}

/** Returns where a slot's numbers begin in `control`. */
export const slotAt = (slot: number): number => CONTROL.slots + SLOT.length * slot;
