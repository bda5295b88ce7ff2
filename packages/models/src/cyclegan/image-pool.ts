import { OptionsError, streamFromState, type RandomState, type RandomStream } from '@janus/core';

/** Images kept per domain: Shrivastava et al. 2017, arXiv 1612.07828, via CycleGAN, section 4. */
export const POOL_SIZE = 50;

/** Options of {@link createImagePool}. */
export interface ImagePoolOptions {
  /** Images that it keeps, 0 or more; 0 returns every image unchanged. Default 50, the paper's. */
  readonly size?: number;
  /** Chooses between old and new images; its state belongs in the checkpoint. */
  readonly random: RandomStream;
}

/**
 * Keeps fakes of earlier steps, so that a discriminator is not trained on the newest ones only. An image
 * is whatever the caller stores: a tensor, or an array of pixels. The caller owns every image that is
 * not in {@link ImagePool.images}.
 */
export interface ImagePool<Image> {
  /**
   * Takes images one after the other and returns one for each: those that the discriminator sees. While
   * the pool fills, an image is kept and returned. After that, with probability one half, a stored image
   * is returned and the new one takes its place; otherwise the new one is returned and not kept.
   */
  exchange(images: readonly Image[]): readonly Image[];
  /** Returns the images that it keeps, in a fixed order. */
  images(): readonly Image[];
  /** Returns the state of its random stream. */
  randomState(): RandomState;
  /** Replaces its images and the state of its stream; the caller owns the old images. */
  restore(images: readonly Image[], random: RandomState): void;
}

/**
 * Returns an empty pool.
 *
 * @throws OptionsError when `size` is not a whole number of at least 0
 * Source: Shrivastava et al. 2017, arXiv 1612.07828, section 2.3.
 */
export function createImagePool<Image>(options: ImagePoolOptions): ImagePool<Image> {
  const { size = POOL_SIZE } = options;
  let { random } = options;
  if (!Number.isInteger(size) || size < 0) {
    throw new OptionsError(
      `createImagePool: size must be a whole number of at least 0, but got ${size}. The paper's value is 50.`,
    );
  }
  let kept: Image[] = [];
  const exchangeOne = (image: Image): Image => {
    if (kept.length < size) {
      kept.push(image);
      return image;
    }
    if (size === 0 || random.next() <= 0.5) return image;
    const place = random.integer(size);
    const [stored] = kept.splice(place, 1, image);
    return stored ?? image;
  };
  return {
    exchange: (images) => images.map(exchangeOne),
    images: () => kept.slice(),
    randomState: () => random.state(),
    restore: (images, state) => {
      kept = [...images];
      random = streamFromState(state);
    },
  };
}
