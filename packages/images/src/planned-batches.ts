/** What makes batches from sets of images: which images, changed how, and loaded ahead. */
import { DataError, streamOf } from '@janus/core';
import { drawAugmentation, MIRRORED, UNCHANGED, type Augmentation } from './augment/augment.js';
import type { Sides } from './decode/sides.js';
import { LOAD_AHEAD, type LoaderItem, type Loader } from './loader/loader.js';
import type { ImageSet } from './loader/image-set.js';

/** Decoded images of one size, in memory. */
export interface DecodedImages extends Sides {
  /** The id of each image in its data set. */
  readonly ids: readonly string[];
  /** uint8 [N, size, width, 3], RGB. */
  readonly pixels: Uint8Array;
}

/** The images of batches: decoded in memory, or an image set that threads read ahead. */
export type BatchImages = DecodedImages | ImageSet;

/** How the images of batches are changed. */
export interface Changes {
  /** Seed of orders and augmentations, an integer. */
  readonly seed: number;
  /** Mirrors half of the images, drawn for each image and epoch. Ignored where `augment` is given. */
  readonly flip?: boolean;
  /** Augmentations, drawn for each image and epoch; default none. Only `'flip'` in the list mirrors then. */
  readonly augment?: readonly Augmentation[];
}

/** Returns decoded images as a set. */
export const setOf = (images: BatchImages): ImageSet =>
  'pixels' in images ? { ...images, source: { kind: 'memory', pixels: images.pixels } } : images;

/** A set among a loader's sources, and how its images are changed. */
export interface Wanting extends Changes {
  /** Index of the set among the loader's sources. */
  readonly source: number;
  readonly set: ImageSet;
}

/** Returns what a loader is asked for: the chosen images of a set, each with its change of this epoch. */
export function itemsOf(
  chosen: readonly number[],
  epoch: number,
  { source, set, seed, flip, augment }: Wanting,
): readonly LoaderItem[] {
  const { ids, size, width } = set;
  return chosen.map((index) => {
    const id = ids[index] ?? '';
    if (augment !== undefined) {
      return { source, index, draw: drawAugmentation(augment, { seed, epoch, id, size, width }) };
    }
    const mirrored = flip === true && streamOf(seed, 'flip', epoch, id).next() < 0.5;
    return { source, index, draw: mirrored ? MIRRORED : UNCHANGED };
  });
}

/** Throws a DataError for an empty set. */
export function requireSome({ ids }: ImageSet, what: string): void {
  if (ids.length > 0) return;
  throw new DataError(`${what}: needs at least one image, but got none. Check filter and split.`);
}

/** A batch before its pixels are loaded. */
export interface Plan<Batch> {
  readonly items: readonly LoaderItem[];
  readonly make: (pixels: Uint8Array) => Batch;
}

/** Yields planned batches; the loader makes their pixels ahead, and is closed with the generator. */
export async function* throughLoader<Batch>(
  open: () => Loader,
  plans: Iterator<Plan<Batch>, void>,
): AsyncGenerator<Batch, void, void> {
  const loader = open();
  const waiting: Plan<Batch>[] = [];
  const requestNext = (): void => {
    const next = plans.next();
    if (next.done === true) return;
    waiting.push(next.value);
    loader.request(next.value.items);
  };
  try {
    for (let i = 0; i < LOAD_AHEAD; i++) requestNext();
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
      const pixels = await loader.take();
      yield plan.make(loader.owned ? pixels : pixels.slice());
      requestNext();
    }
  } finally {
    await loader.close();
  }
}

/** Whether augmenting takes so long that threads are needed: all but mirroring does. */
export const changesMuch = (augment: readonly Augmentation[] | undefined): boolean =>
  augment?.some((kind) => kind !== 'flip') === true;
