import { OptionsError, type RandomStream } from '@janus/core';

/** Images kept a domain: Shrivastava et al. 2017, arXiv 1612.07828, via CycleGAN section 4. */
export const POOL_SIZE = 50;

/** Options of {@link createImagePool}. */
export interface ImagePoolOptions {
  /** How many images it keeps; 0 hands each image straight back. Default 50, the paper's. */
  readonly size?: number;
  /** Decides between old and new; its state belongs in the checkpoint. */
  readonly random: RandomStream;
}

/** What comes back when images are put into a pool. */
export interface PoolExchange<Image> {
  /** As many as were put in: what the discriminator sees. */
  readonly shown: readonly Image[];
  /** Those of `shown` that left the pool: the caller owns them again. */
  readonly evicted: readonly Image[];
}

/**
 * Keeps fakes of earlier steps, so that a discriminator is not judged by the newest alone. An image
 * is whatever the caller stores: a tensor, or an array of pixels.
 */
export interface ImagePool<Image> {
  /**
   * Puts images in, one after the other. While the pool fills each is kept and shown; then, with
   * probability one half, a stored one is shown and replaced by it, else it is shown and not kept.
   */
  exchange(images: readonly Image[]): PoolExchange<Image>;
  /** What it keeps, in a fixed order. */
  images(): readonly Image[];
  /** Replaces what it keeps; the caller owns the old ones. */
  restore(images: readonly Image[]): void;
}

/**
 * Returns an empty pool.
 *
 * @throws OptionsError when `size` is no whole number from 0
 */
export function createImagePool<Image>(options: ImagePoolOptions): ImagePool<Image> {
  const { size = POOL_SIZE, random } = options;
  if (!Number.isInteger(size) || size < 0) {
    throw new OptionsError(
      `createImagePool: size must be a whole number from 0, but got ${size}. The paper takes 50.`,
    );
  }
  let kept: Image[] = [];
  return {
    exchange: (images) => {
      const shown: Image[] = [];
      const evicted: Image[] = [];
      for (const image of images) {
        if (kept.length < size) {
          kept.push(image);
          shown.push(image);
          continue;
        }
        const old = size > 0 && random.next() > 0.5 ? random.integer(size) : -1;
        const stored = kept[old];
        if (stored === undefined) {
          shown.push(image);
        } else {
          kept[old] = image;
          shown.push(stored);
          evicted.push(stored);
        }
      }
      return { shown, evicted };
    },
    images: () => kept,
    restore: (images) => {
      kept = [...images];
    },
  };
}
