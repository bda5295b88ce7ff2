/** What a classifier's step computes from: the model's inputs, or images that it prepares. */
import type * as tf from '@tensorflow/tfjs';
import { preprocess, type Preprocessing } from '../backbones/preprocessing.js';

/** One of the two. */
export type GivenInputs =
  | {
      /** As the model takes them: float32 [B, ...]. */
      readonly inputs: tf.Tensor;
    }
  | {
      /** Pixels: float32 [B, H, W, 3], 0 to 255. */
      readonly images: tf.Tensor;
    };

/** Returns the inputs of the model; inside `tidy`. */
export function preparedInputs(
  given: Readonly<Record<string, tf.Tensor | undefined>>,
  { preprocessing }: { readonly preprocessing?: Preprocessing | undefined },
): tf.Tensor {
  const { inputs, images } = given;
  if (inputs !== undefined) return inputs;
  if (images === undefined || preprocessing === undefined) {
    throw new Error('a step needs inputs, or images and their preprocessing');
  }
  return preprocess(images as tf.Tensor4D, preprocessing);
}
