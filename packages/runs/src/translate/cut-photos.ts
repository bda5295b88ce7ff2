/** Reads photos ahead, and hands them on in batches of bounded memory. */
import { DataError } from '@janus/core';
import type { FoundImage } from '@janus/data';
import { reasonOf, type UnreadableImage } from '../decoded-images.js';
import type { CutPhoto, Fit } from './fit.js';

/** Photos that were read together. */
export interface PhotoBatch {
  readonly photos: readonly { readonly image: FoundImage; readonly photo: CutPhoto }[];
  /** Images so far, those that could not be read included. */
  readonly done: number;
}

/** Photos that are read while others are translated. */
const READ_AHEAD = 4;
const BATCH_PHOTOS = 8;
/** Pixels from which on a batch is full: those of two photos of a telephone, 72 MB. */
const BATCH_PIXELS = 24e6;

/** Yields all photos that can be read, in their order; the others go to `unreadable`. */
export async function* cutPhotos(
  images: readonly FoundImage[],
  fit: Fit,
  unreadable: UnreadableImage[],
): AsyncGenerator<PhotoBatch, void, void> {
  const outcomes: (Promise<CutPhoto | DataError> | undefined)[] = images
    .slice(0, READ_AHEAD)
    .map(({ file }) => outcomeOf(fit, file));
  let photos: { readonly image: FoundImage; readonly photo: CutPhoto }[] = [];
  let pixels = 0;
  for (const [i, image] of images.entries()) {
    const outcome = await outcomes[i];
    const next = images[i + READ_AHEAD];
    if (next !== undefined) outcomes.push(outcomeOf(fit, next.file));
    // What was read is not kept here.
    outcomes[i] = undefined;
    if (outcome instanceof DataError) {
      unreadable.push({ file: image.file, reason: reasonOf(image.file, outcome) });
    } else if (outcome !== undefined) {
      photos.push({ image, photo: outcome });
      pixels += outcome.image.width * outcome.image.height;
    }
    const isLast = i === images.length - 1;
    if (!isLast && photos.length < BATCH_PHOTOS && pixels < BATCH_PIXELS) continue;
    yield { photos, done: i + 1 };
    [photos, pixels] = [[], 0];
  }
}

/** Returns the photo, or why there is none: a promise that may wait must not be rejected. */
async function outcomeOf(fit: Fit, file: string): Promise<CutPhoto | DataError> {
  try {
    return await fit.cut(file);
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}
