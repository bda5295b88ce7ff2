/** PatchNCE, the contrastive loss of CUT: Park et al. 2020, arXiv 2007.15651, section 3. */
import * as tf from '@tensorflow/tfjs';

/** The temperature of Park et al. 2020, section 3. */
export const NCE_TEMPERATURE = 0.07;

/** Square of what the authors' code adds to a length; under the root, so that a vector of zeros has a gradient. */
const SMALL = 1e-14;

/** Scales each vector to length 1: float32 [..., C] -> the same shape. */
export function unitVectors<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => {
    const length = tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), SMALL));
    return tf.div(x, length);
  });
}

/**
 * Returns the vectors of features at some places, the same in every image.
 *
 * @param features float32 [B, H, W, C]
 * @param places int32 [P], each below H * W
 * @returns float32 [B, P, C]
 */
export function vectorsAt(features: tf.Tensor4D, places: tf.Tensor): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = features.shape;
    const [count = 0] = places.shape;
    const flat = tf.reshape(features, [batch, height * width, channels]);
    // A product with ones and zeros, whose gradient every engine has; that of a gather is not in wasm.
    const chosen = tf.cast(tf.oneHot(tf.cast(places, 'int32'), height * width), 'float32');
    const inFront = tf.reshape(tf.transpose(flat, [1, 0, 2]), [height * width, batch * channels]);
    const taken = tf.reshape(tf.matMul(chosen, inFront), [count, batch, channels]);
    return tf.transpose<tf.Tensor3D>(taken as tf.Tensor3D, [1, 0, 2]);
  });
}

/**
 * Returns how badly each query tells its own key from the other keys of its image: the mean cross-entropy of the
 * cosines, over the temperature, with the key of the same place as the right class.
 *
 * @param queries,keys float32 [B, P, C], of length 1; keys are constants, as in the paper
 * @param temperature above 0; default 0.07, the paper's
 * @returns float32 scalar; log(P) where nothing tells the places apart
 */
export function patchNceLoss(
  queries: tf.Tensor3D,
  keys: tf.Tensor3D,
  temperature: number = NCE_TEMPERATURE,
): tf.Scalar {
  return tf.tidy(() => {
    const cosines = tf.div(tf.matMul(queries, keys, false, true), temperature); // [B, P, P]
    const own = tf.div(tf.sum(tf.mul(queries, keys), -1), temperature); // [B, P]
    // No cosine exceeds 1, so the exponentials stay at most 1.
    const most = 1 / temperature;
    const all = tf.add(tf.log(tf.sum(tf.exp(tf.sub(cosines, most)), -1)), most);
    return tf.mean(tf.sub(all, own));
  });
}
