/** A loader's thread: takes tickets and loads their images into the ring until the loader is closed. */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { DataError } from '@janus/core';
import { augmentInto, drawOfFields, isUnchanged } from '../augment/augment.js';
import { bytesOf } from '../decode/sides.js';
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
const { control, size, width = size, slots, batchSize } = loader;
const bytes = bytesOf({ size, width });
/** The image before it is augmented. */
const original = new Uint8Array(bytes);

/** Loads the image of a ticket into the ring, or marks it where it cannot be read and the ring takes that. */
async function fillOrMark(slot: number, position: number): Promise<void> {
  const at = slot * batchSize + position;
  try {
    await fill(at);
  } catch (error) {
    if (loader.unreadable.length === 0 || !(error instanceof DataError)) throw error;
    Atomics.store(loader.unreadable, at, 1);
  }
}

async function fill(at: number): Promise<void> {
  const ticket = loader.tickets.subarray(at * TICKET_FIELDS, (at + 1) * TICKET_FIELDS);
  const [number = 0, index = 0] = ticket;
  const source = loader.sources[number];
  const target = loader.pixels.subarray(at * bytes, (at + 1) * bytes);
  const draw = drawOfFields(ticket.subarray(2));
  const plain = isUnchanged(draw, size, width);
  const place = { size, width, target: plain ? target : original };
  if (source !== undefined) await readImage(source, index, place);
  else if (number === NAMED_FILE) await readFileImage(pathOf(loader, at), place);
  else throw new Error(`loader: no source ${number}`);
  if (!plain) augmentInto(target, { pixels: original, size, width }, draw);
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

/** Waits until a batch is published; returns false when the loader was closed instead. */
function isPublished(batch: number): boolean {
  for (;;) {
    if (Atomics.load(control, CONTROL.stopped) === 1) return false;
    const published = Atomics.load(control, CONTROL.published);
    if (batch < published) return true;
    Atomics.wait(control, CONTROL.published, published);
  }
}

/** Images between two turns of the thread's event loop, in which decoders free their memory. */
const IMAGES_PER_TURN = 8;

async function work(): Promise<void> {
  let filled = 0;
  for (let batch = 0; isPublished(batch); batch++) {
    // Skip batches whose slot a later batch has reused.
    batch = Math.max(batch, Atomics.load(control, CONTROL.published) - slots);
    const slot = batch % slots;
    const numbers = slotAt(slot);
    for (;;) {
      if (Atomics.load(control, CONTROL.stopped) === 1) return;
      const left = Atomics.sub(control, numbers + SLOT.left, 1);
      if (left <= 0) break;
      // Tickets are taken in order, the first one first.
      const count = Atomics.load(control, numbers + SLOT.size);
      await fillOrMark(slot, count - left);
      filled += 1;
      const done = Atomics.add(control, numbers + SLOT.done, 1) + 1;
      if (done === count && Atomics.load(control, CONTROL.waiting) === 1) {
        parentPort?.postMessage(undefined);
      }
      if (filled % IMAGES_PER_TURN === 0) await turnOfEventLoop();
    }
  }
}

work().catch(fail);
