/** Batches of images, passed through frozen layers as they come. */
import type { BatchSource, FeatureBatch, LabelledBatch } from '@janus/core';
import { compile } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { preprocess, type Preprocessing } from './backbones/preprocessing.js';
import { imageTensor, type ComputeOptions } from './features.js';

/**
 * Returns batches of what frozen layers make of labelled images, computed for each batch: for images that are changed
 * again in every epoch, whose features would not fit anywhere.
 */
export function frozenBatches(
  images: BatchSource<LabelledBatch>,
  frozen: tf.LayersModel,
  options: Pick<ComputeOptions, 'precision'> & { readonly preprocessing: Preprocessing },
): BatchSource<FeatureBatch> {
  const { preprocessing, precision = 'float32' } = options;
  const { stepsPerEpoch } = images;
  return {
    stepsPerEpoch,
    batches: async function* (from) {
      const step = compile(
        ({ inputs }: { inputs: tf.Tensor4D }) => ({
          result: frozen.apply(preprocess(inputs, preprocessing)) as tf.Tensor,
        }),
        { precision, ownSession: true },
      );
      try {
        for await (const batch of images.batches(from)) {
          const inputs = imageTensor(batch);
          const { result } = await step.run({ inputs });
          const features = (await result.data()) as Float32Array;
          const shape = result.shape.slice(1);
          tf.dispose([inputs, result]);
          const { labels, ids, size, next } = batch;
          yield { features, shape, labels, ids, size, next };
        }
      } finally {
        step.dispose();
      }
    },
  };
}
