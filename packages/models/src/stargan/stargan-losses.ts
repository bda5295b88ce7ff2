/** Losses of StarGAN beside those that it shares with CycleGAN: tensors in, scalar out. */
import * as tf from '@tensorflow/tfjs';

/**
 * Returns how badly logits tell labels: the binary cross-entropy, summed over the labels, mean over the images.
 *
 * @param logits,labels float32 [B, L]; labels are 0 or 1
 * @returns float32 scalar; the caller disposes it
 * Source: Choi et al. 2018, arXiv 1711.09020, equations 2 and 3.
 */
export function labelLoss(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    // log(1 + e^x) - x label, which is stable for large logits.
    const each = tf.sub(tf.softplus(logits), tf.mul(logits, labels));
    return tf.mean<tf.Scalar>(tf.sum(each, 1));
  });
}

/**
 * Returns how far the gradients of a critic are from length 1, at points between real images and fakes: the mean of
 * (|gradient| - 1)^2.
 *
 * @param critic what says real, summed or not; its operations need second derivatives, which tfjs has for convolutions and
 * ReLU, not for tanh, sigmoid and its leaky ReLU
 * @param between float32 [B, H, W, C], signed: points between the images
 * @returns float32 scalar, without its weight; the caller disposes it
 * Source: Gulrajani et al. 2017, arXiv 1704.00028, equation 3.
 */
export function gradientPenalty(
  critic: (images: tf.Tensor4D) => tf.Tensor,
  between: tf.Tensor4D,
): tf.Scalar {
  return tf.tidy(() => {
    const gradient = tf.grad((images: tf.Tensor) => tf.sum(critic(images as tf.Tensor4D)))(between);
    // Within the root: a gradient of 0 has a derivative then.
    const length = tf.sqrt(tf.add(tf.sum(tf.square(gradient), [1, 2, 3]), SMALL));
    return tf.mean<tf.Scalar>(tf.square(tf.sub(length, 1)));
  });
}

const SMALL = 1e-12;
