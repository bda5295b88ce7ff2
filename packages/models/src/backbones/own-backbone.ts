import type * as tf from '@tensorflow/tfjs';
import type { BuildBackboneOptions } from './build-options.js';
import type { Preprocessing } from './preprocessing.js';

/** A backbone of one's own, with its weights. */
export interface OwnBackbone {
  /**
   * Images float32 [B, imageSize, imageSize, 3], in the range of `preprocessing`, -> feature maps float32 [B, h, w, C].
   * Layers are named by block, `block1_conv`, `block2_conv`, in order: cuts and unfreezing take these names. Batch
   * normalisation should be multiplied into the convolutions: it would go on learning in layers that are frozen.
   */
  readonly network: tf.LayersModel;
  readonly preprocessing: Preprocessing;
}

/**
 * Builds a backbone of one's own for images of a size, and sets its weights; the same weights for the same options,
 * so that a run can be resumed. The function's name is the backbone's in records. The caller disposes the network.
 */
export type BuildOwnBackbone = (
  options: BuildBackboneOptions,
) => OwnBackbone | Promise<OwnBackbone>;
