/** Two domains for tests of training loops. */
import { streamOf, type BatchSource, type UnpairedBatch } from '@janus/core';

/** Side of the images in pixels. */
export const NOISE_SIZE = 16;

/** Dark images and bright ones, two of each a batch, three batches an epoch. */
export const NOISE: BatchSource<UnpairedBatch> = {
  stepsPerEpoch: 3,
  // eslint-disable-next-line @typescript-eslint/require-await -- batches of other sources are awaited
  batches: async function* ({ epoch, batch }) {
    for (let at = 3 * epoch + batch; ; at++) {
      const images = (base: number): Uint8Array => {
        const stream = streamOf(1, 'noise', base, at);
        return Uint8Array.from(
          { length: 2 * NOISE_SIZE * NOISE_SIZE * 3 },
          () => base + stream.integer(60),
        );
      };
      const next = { epoch: Math.floor((at + 1) / 3), batch: (at + 1) % 3 };
      yield {
        ...{ imagesX: images(20), imagesY: images(170), idsX: ['a', 'b'], idsY: ['c', 'd'] },
        ...{ size: 2, height: NOISE_SIZE, width: NOISE_SIZE, next },
      };
    }
  },
};
