/** Losses of CycleGAN: tensors in, scalar out. The weights between them are applied in the train step. */
import * as tf from '@tensorflow/tfjs';

/** How logits become an adversarial loss; see {@link adversarialLoss}. */
export type AdversarialMode = 'least-squares' | 'log';

/** All of them, the default first. */
export const ADVERSARIAL_MODES: readonly AdversarialMode[] = ['least-squares', 'log'];

/**
 * Returns the mean loss of logits that should all say real, or all fake.
 *
 * @param logits float32 of any shape, one per patch
 * @param real whether they should say real
 * @param mode `least-squares`, the paper's: (logit - target)^2 with target 1 for real and 0 for fake; `log`: the
 * binary cross-entropy of the logits
 * @returns float32 scalar; the caller disposes it
 * Source: Mao et al. 2017, arXiv 1611.04076; Goodfellow et al. 2014, arXiv 1406.2661.
 */
export function adversarialLoss(
  logits: tf.Tensor,
  real: boolean,
  mode: AdversarialMode = 'least-squares',
): tf.Scalar {
  return tf.tidy(() => {
    switch (mode) {
      case 'least-squares':
        return tf.mean(tf.square(real ? tf.sub(logits, 1) : logits));
      case 'log':
        return tf.mean(tf.softplus(real ? tf.neg(logits) : logits));
    }
  });
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
  mode: AdversarialMode = 'least-squares',
): tf.Scalar {
  return tf.tidy(() =>
    tf.mul(
      tf.add(adversarialLoss(realLogits, true, mode), adversarialLoss(fakeLogits, false, mode)),
      0.5,
    ),
  );
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
