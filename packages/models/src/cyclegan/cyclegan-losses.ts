/** Losses of CycleGAN: tensors in, scalar out. The weights between them are applied in the train step. */
import * as tf from '@tensorflow/tfjs';

/** How an opinion on real and fake becomes a loss. */
export type AdversarialMode = 'least-squares' | 'log';

/** All of them, the default first. */
export const ADVERSARIAL_MODES: readonly AdversarialMode[] = ['least-squares', 'log'];

/**
 * Returns the mean loss of logits that should say `real` or fake.
 *
 * `least-squares` is (logit - target)^2 with targets 1 and 0; `log` is the binary cross-entropy of
 * the logits.
 *
 * @param logits float32 of any shape, one a patch
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
 * Returns half the sum of a discriminator's losses on real and fake images; the half slows it
 * down against the generators (paper, appendix 7.1).
 *
 * @returns float32 scalar; the caller disposes it
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

/** Returns the mean absolute difference. float32 scalar; the caller disposes it. */
function meanAbsoluteDifference(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.abs(tf.sub(a, b))));
}

/**
 * Returns how far an image comes back from where it went: mean |F(G(x)) - x|.
 *
 * @param cycled,real float32 [B, H, W, C], signed
 * @returns float32 scalar, not weighted; the caller disposes it
 * Source: Zhu et al. 2017, equation 2.
 */
export function cycleConsistencyLoss(cycled: tf.Tensor, real: tf.Tensor): tf.Scalar {
  return meanAbsoluteDifference(cycled, real);
}

/**
 * Returns how far a generator changes what is in its target domain already: mean |G(y) - y|.
 *
 * @param identity,real float32 [B, H, W, C], signed
 * @returns float32 scalar, not weighted; the caller disposes it
 * Source: Zhu et al. 2017, section 5.2.
 */
export function identityLoss(identity: tf.Tensor, real: tf.Tensor): tf.Scalar {
  return meanAbsoluteDifference(identity, real);
}
