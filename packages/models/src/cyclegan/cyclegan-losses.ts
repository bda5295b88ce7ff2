/** Losses of CycleGAN: tensors in, scalar out. The weights between them are applied in the train step. */
import * as tf from '@tensorflow/tfjs';

/** How logits become an adversarial loss; see {@link adversarialLoss}. */
export type AdversarialMode = 'least-squares' | 'log' | 'hinge';

/** All of them, the default first. */
export const ADVERSARIAL_MODES: readonly AdversarialMode[] = ['least-squares', 'log', 'hinge'];

/**
 * Returns a generator's loss: the mean over logits of its fakes, which should all say real.
 *
 * @param logits float32 of any shape, one per patch
 * @param mode `least-squares`, the paper's: (logit - 1)^2; `log`: the binary cross-entropy of the logits;
 * `hinge`: -logit, which has no lower bound
 * @returns float32 scalar; the caller disposes it
 * Source: Mao et al. 2017, arXiv 1611.04076; Goodfellow et al. 2014, arXiv 1406.2661, the form that does not saturate;
 * Lim and Ye 2017, arXiv 1705.02894.
 */
export function adversarialLoss(
  logits: tf.Tensor,
  mode: AdversarialMode = 'least-squares',
): tf.Scalar {
  if (mode !== 'hinge') return realLoss(logits, 1, mode);
  return tf.tidy(() => tf.neg<tf.Scalar>(tf.mean(logits)));
}

/** How a discriminator learns: options of {@link discriminatorLoss}. */
export interface DiscriminatorLossOptions {
  /** Default `least-squares`, the paper's. */
  readonly mode?: AdversarialMode;
  /**
   * How far below 1 the label of real images is, 0 to 0.5; those of fakes stay 0, since a smoothed one would hold the
   * generators where they are (Salimans et al. 2016, arXiv 1606.03498, section 3.4). Default 0. `hinge` has no labels.
   */
  readonly labelSmoothing?: number;
}

/**
 * Returns half the sum of a discriminator's losses on real and on fake images. Half, so that it learns
 * more slowly than the generators.
 *
 * @param realLogits,fakeLogits float32 of any shape, one per patch
 * @returns float32 scalar; the caller disposes it
 * Source: Zhu et al. 2017, arXiv 1703.10593, appendix 7.1.
 */
export function discriminatorLoss(
  realLogits: tf.Tensor,
  fakeLogits: tf.Tensor,
  { mode = 'least-squares', labelSmoothing = 0 }: DiscriminatorLossOptions = {},
): tf.Scalar {
  return tf.tidy(() =>
    tf.mul(tf.add(realLoss(realLogits, 1 - labelSmoothing, mode), fakeLoss(fakeLogits, mode)), 0.5),
  );
}

/**
 * Returns the loss of a discriminator that cannot tell and knows it, all of whose logits are 0: what a training begins
 * with. Labels are not smoothed.
 */
export function undecidedLoss(mode: AdversarialMode): number {
  return { 'least-squares': 0.5, log: Math.LN2, hinge: 1 }[mode];
}

/** Returns the mean loss of logits that should say real, which is `label`. */
function realLoss(logits: tf.Tensor, label: number, mode: AdversarialMode): tf.Scalar {
  return tf.tidy(() => {
    switch (mode) {
      case 'least-squares':
        return tf.mean(tf.square(tf.sub(logits, label)));
      case 'log': {
        const whole = tf.mean<tf.Scalar>(tf.softplus(tf.neg(logits)));
        // -label log p - (1 - label) log(1 - p) = softplus(-logit) + (1 - label) logit
        return label === 1 ? whole : tf.add(whole, tf.mul(tf.mean(logits), 1 - label));
      }
      case 'hinge':
        return tf.mean(tf.relu(tf.sub(1, logits)));
    }
  });
}

/** Returns the mean loss of logits that should say fake. */
function fakeLoss(logits: tf.Tensor, mode: AdversarialMode): tf.Scalar {
  return tf.tidy(() => {
    switch (mode) {
      case 'least-squares':
        return tf.mean(tf.square(logits));
      case 'log':
        return tf.mean(tf.softplus(logits));
      case 'hinge':
        return tf.mean(tf.relu(tf.add(logits, 1)));
    }
  });
}

/**
 * Returns how far a generator changes images: mean |G(x) - x|.
 *
 * @param fake,real float32 [B, H, W, C], signed
 * @returns float32 scalar, without its weight; the caller disposes it
 */
export function changeLoss(fake: tf.Tensor, real: tf.Tensor): tf.Scalar {
  return meanAbsoluteDifference(fake, real);
}

/** Returns the mean absolute difference, a float32 scalar; the caller disposes it. */
function meanAbsoluteDifference(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.abs(tf.sub(a, b))));
}

/**
 * Returns how far fakes are from the pairs of their originals: mean |G(x) - y|.
 *
 * @param fake,pair float32 [B, H, W, C], signed
 * @returns float32 scalar, without its weight; the caller disposes it
 * Source: Isola et al. 2017, arXiv 1611.07004, equation 3.
 */
export function pairLoss(fake: tf.Tensor, pair: tf.Tensor): tf.Scalar {
  return meanAbsoluteDifference(fake, pair);
}

/**
 * Returns how far images translated there and back differ from the originals: mean |F(G(x)) - x|.
 *
 * @param cycled,real float32 [B, H, W, C], signed
 * @returns float32 scalar, without its weight; the caller disposes it
 * Source: Zhu et al. 2017, arXiv 1703.10593, equation 2.
 */
export function cycleConsistencyLoss(cycled: tf.Tensor, real: tf.Tensor): tf.Scalar {
  return meanAbsoluteDifference(cycled, real);
}

/**
 * Returns how far a generator changes images that are in its target domain already: mean |G(y) - y|.
 *
 * @param identity,real float32 [B, H, W, C], signed
 * @returns float32 scalar, without its weight; the caller disposes it
 * Source: Zhu et al. 2017, arXiv 1703.10593, section 5.2.
 */
export function identityLoss(identity: tf.Tensor, real: tf.Tensor): tf.Scalar {
  return meanAbsoluteDifference(identity, real);
}
