/** The images that a person names, decoded: what prediction and translation share. */
import type { DataError } from '@janus/core';
import type { FoundImage } from '@janus/data';
import { readableBatches } from '@janus/images';
import { FEATURE_BATCH } from '@janus/models';

/** An image that could not be used. */
export interface UnreadableImage {
  readonly file: string;
  readonly reason: string;
}

/** Yields what can be decoded, in batches; the rest goes to `unreadable`. */
export async function* decodedImages(
  images: readonly FoundImage[],
  size: number,
  unreadable: UnreadableImage[],
): AsyncGenerator<DecodedBatch, void, void> {
  const paths = images.map(({ file }) => file);
  for await (const batch of readableBatches(paths, { size, batchSize: FEATURE_BATCH })) {
    for (const { index, error } of batch.unreadable) {
      const file = paths[index] ?? '';
      unreadable.push({ file, reason: reasonOf(file, error) });
    }
    const readable = batch.indices.flatMap((i) => images[i] ?? []);
    const last = Math.max(-1, ...batch.indices, ...batch.unreadable.map(({ index }) => index));
    yield { images: readable, pixels: batch.pixels, done: last + 1 };
  }
}

/** Images that were decoded together. */
export interface DecodedBatch {
  readonly images: readonly FoundImage[];
  /** uint8 [images, size, size, 3]. */
  readonly pixels: Uint8Array;
  /** Files so far, those that could not be decoded included. */
  readonly done: number;
}

/** Why a file cannot be used: it is of no data folder, where `janus data clean` would help. */
export function reasonOf(file: string, { cause, message }: DataError): string {
  if (!(cause instanceof Error)) return message;
  const what = cause.message.split('\n')[0] ?? 'it cannot be decoded';
  return `${file}: must be a complete image, but ${what}. Leave it out, or save it again.`;
}
