/** What the face network makes of images, as part of a computation that is derived. */
import * as tf from '@tensorflow/tfjs';
import { EnvironmentError } from '@janus/core';
import { buildBackbone } from '../backbones/backbones.js';
import { setWeights } from '../backbones/load-weights.js';
import { preprocess } from '../backbones/preprocessing.js';
import { pretrainedWeights } from '../backbones/weights.js';
import { averagedBackbone } from '../image-metrics/embedding.js';

/** Side that images are scaled to, in pixels: half of what the network was trained on takes a quarter of the time. */
const SIZE = 112;

/** The face network, ready. */
export interface FaceFeaturesOf {
  /** float32 [B, S, S, 3], signed -> float32 [B, 1024]: gradients pass through. */
  readonly features: (images: tf.Tensor4D) => tf.Tensor;
  readonly dispose: () => void;
}

/**
 * Opens the face backbone `faceres` for images that are still being changed. The caller disposes it.
 *
 * @throws DataError when the network's files are missing or damaged; EnvironmentError on the engine `wasm`, which lacks a
 * gradient that is needed
 */
export async function openFaceFeatures(): Promise<FaceFeaturesOf> {
  if (tf.getBackend() === 'wasm') {
    throw new EnvironmentError(
      'openFaceFeatures: the engine must have the gradient of depthwise convolutions, but wasm lacks it. Install the native engine: `janus engine install`.',
    );
  }
  const { weights, preprocessing, source } = await pretrainedWeights('faceres');
  const backbone = buildBackbone('faceres', { imageSize: SIZE });
  setWeights(backbone, weights, source);
  const network = averagedBackbone(backbone);
  return {
    features: (images) => {
      const scaled = tf.image.resizeBilinear(images, [SIZE, SIZE]);
      const pixels = tf.mul<tf.Tensor4D>(tf.add(scaled, 1), 127.5);
      return network.apply(preprocess(pixels, preprocessing)) as tf.Tensor;
    },
    dispose: () => {
      backbone.dispose();
    },
  };
}
