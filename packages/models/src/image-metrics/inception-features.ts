import * as tf from '@tensorflow/tfjs';
import {
  computeFeatures,
  type ComputeOptions,
  type Features,
  type SizedImages,
} from '../features.js';

/**
 * Returns what the FID's network makes of images of any size. They are scaled as TensorFlow 1's graph scales them: bilinearly
 * between the corners' pixels, `source = target * (size / 299)`, without antialiasing and unrounded; then (x - 128) / 128.
 *
 * @param network as `readInception` returns it
 * @returns float32 [N, 2048]
 * @throws NumericalError when a value is not finite
 *
 * Source: Heusel et al. 2017, arXiv 1706.08500; the graph of 2015-12-05.
 */
export async function inceptionFeatures(
  network: tf.LayersModel,
  images: SizedImages,
  options: ComputeOptions = {},
): Promise<Features> {
  const [, height = 0, width = 0] = network.inputs[0]?.shape ?? [];
  const preprocessing = (pixels: tf.Tensor4D): tf.Tensor4D =>
    tf.tidy(() => {
      const scaled = tf.image.resizeBilinear(pixels, [height ?? 0, width ?? 0], false, false);
      return tf.div(tf.sub(scaled, 128), 128);
    });
  return await computeFeatures(network, images, { ...options, preprocessing });
}
