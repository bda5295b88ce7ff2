import {
  DataError,
  permutationOf,
  streamOf,
  type BatchCursor,
  type BatchSource,
  type LabelledBatch,
  type UnpairedBatch,
} from '@janus/core';

/** Decoded pictures of one size, kept in memory. */
export interface DecodedImages {
  readonly ids: readonly string[];
  /** uint8 [N, size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  /** Side in pixels. */
  readonly size: number;
}

/** Options of {@link labelledBatches}. */
export interface LabelledBatchesOptions {
  readonly images: DecodedImages;
  /** Class numbers, one a picture. */
  readonly labels: readonly number[];
  readonly batchSize: number;
  readonly seed: number;
  /** Mirror half of the pictures, drawn anew for each picture and epoch; default false. */
  readonly flip?: boolean;
}

/** Options of {@link unpairedBatches}. */
export interface UnpairedBatchesOptions {
  readonly imagesX: DecodedImages;
  readonly imagesY: DecodedImages;
  readonly batchSize: number;
  readonly seed: number;
  /** Default true: CycleGAN's only augmentation beside the crop. */
  readonly flip?: boolean;
}

interface Draw {
  readonly epoch: number;
  readonly seed: number;
  readonly flip: boolean;
}

/** Returns the chosen pictures in one array, some of them mirrored. */
function gather(images: DecodedImages, chosen: readonly number[], draw: Draw): Uint8Array {
  const { size, pixels, ids } = images;
  const bytes = size * size * 3;
  const batch = new Uint8Array(chosen.length * bytes);
  chosen.forEach((index, i) => {
    batch.set(pixels.subarray(index * bytes, (index + 1) * bytes), i * bytes);
    if (draw.flip && streamOf(draw.seed, 'flip', draw.epoch, ids[index] ?? '').next() < 0.5) {
      mirror(batch.subarray(i * bytes, (i + 1) * bytes), size);
    }
  });
  return batch;
}

/** Mirrors a picture left to right, in place. */
function mirror(pixels: Uint8Array, size: number): void {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size >> 1; x++) {
      for (let c = 0; c < 3; c++) {
        const a = (y * size + x) * 3 + c;
        const b = (y * size + size - 1 - x) * 3 + c;
        const left = pixels[a] ?? 0;
        pixels[a] = pixels[b] ?? 0;
        pixels[b] = left;
      }
    }
  }
}

function requireSome(images: DecodedImages, what: string): void {
  if (images.ids.length > 0) return;
  throw new DataError(`${what}: needs at least one picture, but got none. Check filter and split.`);
}

function nextCursor(epoch: number, batch: number, stepsPerEpoch: number): BatchCursor {
  return batch + 1 < stepsPerEpoch ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };
}

/**
 * Returns batches of labelled pictures, every picture once an epoch, in an order drawn from seed and
 * epoch.
 *
 * @throws DataError when there is no picture
 */
export function labelledBatches(options: LabelledBatchesOptions): BatchSource<LabelledBatch> {
  const { images, labels, batchSize, seed, flip = false } = options;
  requireSome(images, 'labelledBatches');
  const count = images.ids.length;
  const stepsPerEpoch = Math.ceil(count / batchSize);
  return {
    stepsPerEpoch,
    // The pictures are in memory; a source that reads them awaits here.
    async *batches(from) {
      await Promise.resolve();
      for (let epoch = from.epoch; ; epoch++) {
        const order = permutationOf(count, streamOf(seed, 'order', epoch));
        for (let batch = epoch === from.epoch ? from.batch : 0; batch < stepsPerEpoch; batch++) {
          const chosen = [...order.subarray(batch * batchSize, (batch + 1) * batchSize)];
          yield {
            images: gather(images, chosen, { epoch, seed, flip }),
            labels: Int32Array.from(chosen, (i) => labels[i] ?? 0),
            ids: chosen.map((i) => images.ids[i] ?? ''),
            size: chosen.length,
            height: images.size,
            width: images.size,
            next: nextCursor(epoch, batch, stepsPerEpoch),
          };
        }
      }
    },
  };
}

/**
 * Returns batches from two unpaired sets. An epoch is as long as the larger set; the smaller one
 * begins anew, in a new order, as often as it takes. Batches are all full.
 *
 * @throws DataError when a set has no picture
 */
export function unpairedBatches(options: UnpairedBatchesOptions): BatchSource<UnpairedBatch> {
  const { imagesX, imagesY, batchSize, seed, flip = true } = options;
  requireSome(imagesX, 'unpairedBatches: domain X');
  requireSome(imagesY, 'unpairedBatches: domain Y');
  const longest = Math.max(imagesX.ids.length, imagesY.ids.length);
  const stepsPerEpoch = Math.max(1, Math.floor(longest / batchSize));
  return {
    stepsPerEpoch,
    async *batches(from) {
      await Promise.resolve();
      for (let epoch = from.epoch; ; epoch++) {
        const need = stepsPerEpoch * batchSize;
        const orderX = repeatedOrder(imagesX.ids.length, need, { seed, name: 'x', epoch });
        const orderY = repeatedOrder(imagesY.ids.length, need, { seed, name: 'y', epoch });
        for (let batch = epoch === from.epoch ? from.batch : 0; batch < stepsPerEpoch; batch++) {
          const chosenX = orderX.slice(batch * batchSize, (batch + 1) * batchSize);
          const chosenY = orderY.slice(batch * batchSize, (batch + 1) * batchSize);
          yield {
            imagesX: gather(imagesX, chosenX, { epoch, seed, flip }),
            imagesY: gather(imagesY, chosenY, { epoch, seed, flip }),
            idsX: chosenX.map((i) => imagesX.ids[i] ?? ''),
            idsY: chosenY.map((i) => imagesY.ids[i] ?? ''),
            size: batchSize,
            height: imagesX.size,
            width: imagesX.size,
            next: nextCursor(epoch, batch, stepsPerEpoch),
          };
        }
      }
    },
  };
}

function repeatedOrder(
  count: number,
  need: number,
  draw: { readonly seed: number; readonly name: string; readonly epoch: number },
): number[] {
  const order: number[] = [];
  for (let round = 0; order.length < need; round++) {
    order.push(...permutationOf(count, streamOf(draw.seed, 'order', draw.name, draw.epoch, round)));
  }
  return order.slice(0, need);
}
