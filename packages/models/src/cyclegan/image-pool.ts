import { OptionsError, streamFromState, type RandomState, type RandomStream } from '@janus/core';

/** Images kept a domain: Shrivastava et al. 2017, arXiv 1612.07828, via CycleGAN section 4. */
export const POOL_SIZE = 50;

/** Options of {@link createImagePool}. */
export interface ImagePoolOptions {
  /** How many images it keeps; 0 hands each image straight back. Default 50, the paper's. */
  readonly size?: number;
  /** Decides between old and new; its state belongs in the checkpoint. */
  readonly random: RandomStream;
}

/**
 * Keeps fakes of earlier steps, so that a discriminator is not trained on the newest alone. An image
 * is whatever the caller stores: a tensor, or an array of pixels. The caller goes on owning every
 * image that is not among {@link ImagePool.images}.
 */
export interface ImagePool<Image> {
  /**
   * Puts images in, one after the other, and returns as many: what the discriminator sees. While the
   * pool fills, each is kept and shown; then, with probability one half, a stored one is shown and
   * replaced by it, else it is shown and not kept.
   */
  exchange(images: readonly Image[]): readonly Image[];
  /** What it keeps now, in a fixed order. */
  images(): readonly Image[];
  /** The state of its random stream. */
  randomState(): RandomState;
  /** Replaces what it keeps and its stream; the caller owns the old images. */
  restore(images: readonly Image[], random: RandomState): void;
}

/**
 * Returns an empty pool.
 *
 * @throws OptionsError when `size` is no whole number from 0
 */
export function createImagePool<Image>(options: ImagePoolOptions): ImagePool<Image> {
  const { size = POOL_SIZE } = options;
  let { random } = options;
  if (!Number.isInteger(size) || size < 0) {
    throw new OptionsError(
      `createImagePool: size must be a whole number from 0, but got ${size}. The paper takes 50.`,
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
