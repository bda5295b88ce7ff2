/** Batches whose images are mixed with each other. */
import * as tf from '@tensorflow/tfjs';
import { OptionsError, permutationOf, streamOf, type RandomStream } from '@janus/core';

/**
 * How each image of a batch is mixed with another of it, its label in the same shares: `mixup` adds both, `cutmix`
 * replaces a rectangle. Sources: Zhang et al. 2018, arXiv 1710.09412; Yun et al. 2019, arXiv 1905.04899.
 */
export type Mix = 'none' | 'mixup' | 'cutmix';

/** The names of all of them. */
export const MIXES: readonly Mix[] = ['none', 'mixup', 'cutmix'];

/** Parameter of the beta distribution that shares are drawn from; those of the papers for ImageNet. */
const ALPHA = { mixup: 0.2, cutmix: 1 } as const;

/** A rectangle of an image, from `top` and `left` to before `bottom` and `right`. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** How a batch is mixed. */
export interface Mixture {
  /** What each image keeps of itself and of its label, 0 to 1. */
  readonly share: number;
  /** The place in the batch of the image that each is mixed with. */
  readonly partners: Int32Array;
  /** What the partner replaces; undefined where both are added. */
  readonly cut: Rectangle | undefined;
}

/** Draws from the symmetric beta distribution, `alpha` up to 1. Source: Jöhnk 1964. */
function drawBeta(alpha: number, stream: RandomStream): number {
  for (;;) {
    const x = stream.next() ** (1 / alpha);
    const y = stream.next() ** (1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

/** Returns a rectangle of that share of an image around a random place; what lies outside is cut off. */
function drawRectangle(
  share: number,
  [height = 1, width = 1]: readonly number[],
  stream: RandomStream,
): Rectangle {
  const side = Math.sqrt(share);
  const along = (length: number): readonly [number, number] => {
    const cut = Math.floor(length * side);
    const from = stream.integer(length) - Math.floor(cut / 2);
    return [Math.max(0, from), Math.min(length, from + cut)];
  };
  const [top, bottom] = along(height);
  const [left, right] = along(width);
  return { top, left, bottom, right };
}

/** What {@link drawMixture} takes. */
export interface MixtureOptions {
  readonly mix: Exclude<Mix, 'none'>;
  /** Shape of the batch's inputs, [B, ...]. */
  readonly shape: readonly number[];
  readonly seed: number;
  /** Of the phase and the update: the same names draw the same mixture. */
  readonly stream: readonly (string | number)[];
}

/**
 * Returns how a batch is mixed: one share for all of it, as in the papers' code.
 *
 * @throws OptionsError when `cutmix` is asked for inputs that have no height and width
 */
export function drawMixture({ mix, shape, seed, stream: names }: MixtureOptions): Mixture {
  const stream = streamOf(seed, ...names, mix);
  const [count = 0, ...each] = shape;
  const partners = Int32Array.from(permutationOf(count, stream));
  const share = drawBeta(ALPHA[mix], stream);
  if (mix === 'mixup') return { share, partners, cut: undefined };
  if (each.length !== 3) {
    throw new OptionsError(
      `train: cutmix needs images or feature maps, but the head trains on rows of ${each.join(' x ')} numbers. Take --mix mixup, or --head linear with --unfreeze.`,
    );
  }
  const cut = drawRectangle(1 - share, each, stream);
  const [height = 1, width = 1] = each;
  const area = (cut.bottom - cut.top) * (cut.right - cut.left);
  return { share: 1 - area / (height * width), partners, cut };
}

/** Returns mixed inputs, float32 [B, ...]; the caller disposes both. */
export function mixInputs(inputs: tf.Tensor, { share, partners, cut }: Mixture): tf.Tensor {
  return tf.tidy(() => {
    const others = tf.gather(inputs, tf.tensor1d(partners, 'int32'));
    if (cut === undefined) return tf.add(tf.mul(inputs, share), tf.mul(others, 1 - share));
    const [, height = 1, width = 1] = inputs.shape;
    const own = Float32Array.from({ length: height * width }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      const isCut = row >= cut.top && row < cut.bottom && column >= cut.left && column < cut.right;
      return isCut ? 0 : 1;
    });
    const mask = tf.tensor4d(own, [1, height, width, 1]);
    return tf.add(tf.mul(inputs, mask), tf.mul(others, tf.sub(1, mask)));
  });
}
