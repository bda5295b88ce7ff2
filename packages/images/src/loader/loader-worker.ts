/** Thread of a loader: takes tickets, puts images into the ring, until it is told to end. */
import { setImmediate as breathe } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { DataError } from '@janus/core';
import { augmentInto, drawOfFields, isUnchanged } from '../augment/augment.js';
import {
  CONTROL,
  NAMED_FILE,
  pathOf,
  SLOT,
  slotAt,
  TICKET_FIELDS,
  type LoaderFailure,
  type LoaderRing,
} from './loader-ring.js';
import { readFileImage, readImage } from './image-source.js';

const loader = workerData as LoaderRing;
const { control, size, slots, batchSize } = loader;
const bytes = size * size * 3;
/** An image before it is changed. */
const original = new Uint8Array(bytes);

/** Does the image of a ticket. */
async function fill(slot: number, position: number): Promise<void> {
  const at = slot * batchSize + position;
  const ticket = loader.tickets.subarray(at * TICKET_FIELDS, (at + 1) * TICKET_FIELDS);
  const [number = 0, index = 0] = ticket;
  const source = loader.sources[number];
  const target = loader.pixels.subarray(at * bytes, (at + 1) * bytes);
  const draw = drawOfFields(ticket.subarray(2));
  const plain = isUnchanged(draw, size);
  const place = { size, target: plain ? target : original };
  if (source !== undefined) await readImage(source, index, place);
  else if (number === NAMED_FILE) await readFileImage(pathOf(loader, at), place);
  else throw new Error(`loader: no source ${number}`);
  if (!plain) augmentInto(target, { pixels: original, size }, draw);
}

function fail(error: unknown): void {
  const failure: LoaderFailure = {
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    expected: false,
    ...(error instanceof DataError
      ? {
          message: error.message,
          expected: true,
          ...(error.path === undefined ? {} : { path: error.path }),
        }
      : {}),
  };
  Atomics.store(control, CONTROL.failed, 1);
  parentPort?.postMessage(failure);
}

/** Waits until a batch was asked for; returns false when there will be none. */
function isPublished(batch: number): boolean {
  for (;;) {
    if (Atomics.load(control, CONTROL.stopped) === 1) return false;
    const published = Atomics.load(control, CONTROL.published);
    if (batch < published) return true;
    Atomics.wait(control, CONTROL.published, published);
  }
}

/** Images after which a thread lets its event loop turn, where memory of decoders is freed. */
const BREATHE_EVERY = 8;

async function work(): Promise<void> {
  let filled = 0;
  for (let batch = 0; isPublished(batch); batch++) {
    // Slots that were used anew since belong to later batches.
    batch = Math.max(batch, Atomics.load(control, CONTROL.published) - slots);
    const slot = batch % slots;
    const numbers = slotAt(slot);
    for (;;) {
      if (Atomics.load(control, CONTROL.stopped) === 1) return;
      const left = Atomics.sub(control, numbers + SLOT.left, 1);
      if (left <= 0) break;
      // The first ticket first.
      const count = Atomics.load(control, numbers + SLOT.size);
      await fill(slot, count - left);
      filled += 1;
      const done = Atomics.add(control, numbers + SLOT.done, 1) + 1;
      if (done === count && Atomics.load(control, CONTROL.waiting) === 1) {
        parentPort?.postMessage(undefined);
      }
      if (filled % BREATHE_EVERY === 0) await breathe();
    }
  }
}

work().catch(fail);
