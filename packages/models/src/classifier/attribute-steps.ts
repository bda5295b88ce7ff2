/** One network that learns several attributes at once: what a backbone is pretrained with. */
import * as tf from '@tensorflow/tfjs';
import { compile, type CompiledStep, type CompileOptions } from '@janus/engine';
import type { Adam, AdamCorrection } from '../adam.js';
import { imageTensor } from '../features.js';
import { gradientsOf, type NamedVariables } from '../model-variables.js';
import { preprocess, type Preprocessing } from '../backbones/preprocessing.js';
import type { ImageBatch } from '@janus/core';

/** A network and what it learns. */
export interface AttributeNetwork {
  /** Preprocessed images [B, size, size, 3] -> the logits of all attributes beside each other, float32 [B, sum of classes]. */
  readonly model: tf.LayersModel;
  /** Classes of each attribute. */
  readonly classes: readonly number[];
  readonly preprocessing: Preprocessing;
}

/** A batch with a label for each attribute. */
export interface AttributeBatch extends ImageBatch {
  /** int32 [B, attributes]: class numbers, -1 where an image has no label. */
  readonly labels: Int32Array;
}

/** Tensors of a batch. */
interface Inputs {
  /** float32 [B, size, size, 3] */
  readonly images: tf.Tensor4D;
  /** int32 [B, attributes] */
  readonly labels: tf.Tensor2D;
}

/** Both steps; the caller disposes them. */
export interface AttributeSteps {
  /** Makes an update and returns the loss before it: cross-entropies, summed over the attributes, nats. */
  readonly update: (batch: AttributeBatch, learningRate: number) => Promise<number>;
  /** Returns the class of each attribute that the network names: int32 [B, attributes]. */
  readonly predict: (batch: ImageBatch) => Promise<Int32Array>;
  readonly dispose: () => void;
}

/** Returns the logits of each attribute. */
function partsOf(logits: tf.Tensor2D, classes: readonly number[]): readonly tf.Tensor2D[] {
  // TensorFlow.js cannot derive a split into one part.
  return classes.length === 1 ? [logits] : tf.split(logits, [...classes], 1);
}

/** Returns the sum over the attributes of the mean cross-entropy of the images that have a label. */
function lossOf(logits: tf.Tensor2D, labels: tf.Tensor2D, classes: readonly number[]): tf.Scalar {
  const columns = tf.unstack(labels, 1);
  const losses = partsOf(logits, classes).map((part, a) => {
    // The row of a missing label, -1, is all zeros: it adds nothing.
    const oneHot = tf.cast(tf.oneHot(columns[a] as tf.Tensor1D, classes[a] ?? 1), 'float32');
    const count = tf.maximum(tf.sum(oneHot), 1);
    return tf.div<tf.Scalar>(tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(part)))), count);
  });
  return tf.addN(losses);
}

/** Makes updates and predictions ready. */
export function compileAttributeSteps(
  { model, classes, preprocessing }: AttributeNetwork,
  { variables, adam }: { readonly variables: NamedVariables; readonly adam: Adam },
  options: CompileOptions = {},
): AttributeSteps {
  const update: CompiledStep<Inputs & AdamCorrection<tf.Tensor>, { readonly loss: tf.Tensor }> =
    compile(({ images, labels, ...correction }: Inputs & AdamCorrection<tf.Tensor>) => {
      const { value, gradients } = gradientsOf(() => {
        const logits = model.apply(preprocess(images, preprocessing)) as tf.Tensor2D;
        return lossOf(logits, labels, classes);
      }, variables);
      adam.update(gradients, variables, correction);
      tf.dispose(gradients);
      return { loss: value };
    }, options);
  const predict = compile(({ images }: { readonly images: tf.Tensor4D }) => {
    const logits = model.apply(preprocess(images, preprocessing)) as tf.Tensor2D;
    return {
      named: tf.stack(
        partsOf(logits, classes).map((part) => tf.argMax(part, 1)),
        1,
      ),
    };
  }, options);
  return {
    update: async (batch, learningRate) => {
      const { alphaT, epsilonHat, keep } = adam.advance(learningRate);
      const given = {
        images: imageTensor(batch),
        labels: tf.tensor2d(batch.labels, [batch.size, classes.length], 'int32'),
        ...{ alphaT: tf.scalar(alphaT), epsilonHat: tf.scalar(epsilonHat), keep: tf.scalar(keep) },
      };
      const made = await update.run(given);
      const [loss = NaN] = await made.loss.data();
      tf.dispose([given, made]);
      return loss;
    },
    predict: async (batch) => {
      const given = { images: imageTensor(batch) };
      const made = await predict.run(given);
      const named = Int32Array.from(await made.named.data());
      tf.dispose([given, made]);
      return named;
    },
    dispose: () => {
      update.dispose();
      predict.dispose();
    },
  };
}
