/** Several targets told by one network: a head each, on the same features. */
import * as tf from '@tensorflow/tfjs';
import type { FittedTemperature } from '@janus/core';
import type { Features } from '../features.js';
import { hiddenLayers, logitsLayer, type BuildHeadOptions } from './classifier-head.js';
import type { OrderedScale } from './heads-scale.js';

/** What one head tells. */
export interface TargetDescription {
  /** Label column that was learned. */
  readonly target: string;
  /** In the order of the head's outputs; of a number, the names of its bins, from low to high. */
  readonly classes: readonly string[];
  /** Of a number; absent for classes without an order. */
  readonly scale?: OrderedScale;
  /**
   * What logits are divided by before the softmax; null where none could be fitted, absent before an evaluation looked
   * for one, and of a number, whose expected value it would change.
   */
  readonly temperature?: FittedTemperature | null;
}

/** Returns all that targets can tell, in the order of the outputs: `female`, or `gender: female` where there are several. */
export const classNames = (targets: readonly TargetDescription[]): readonly string[] =>
  targets.flatMap(({ target, classes }) =>
    targets.length === 1 ? classes : classes.map((name) => `${target}: ${name}`),
  );

/** Options of {@link buildDenseHeads}. */
export interface BuildDenseHeadsOptions extends Pick<
  BuildHeadOptions,
  'inputShape' | 'units' | 'dropout' | 'seed' | 'normalisation'
> {
  readonly targets: readonly TargetDescription[];
}

/**
 * Returns the names of the heads' last layers, one a target: `logits_age`. Letters, digits and `_` stay; targets that
 * would have the same name are numbered.
 */
export function logitsNames(
  targets: readonly Pick<TargetDescription, 'target'>[],
): readonly string[] {
  const names = targets.map(({ target }) => `logits_${target.replace(/[^A-Za-z0-9_]+/g, '_')}`);
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}_${i + 1}`));
}

/**
 * Returns the part above the pooling for several targets: hidden layers that they share, then an output each, named by
 * {@link logitsNames}, float32 [B, classes]. The caller disposes it.
 *
 * @param options `inputShape` is [D]
 */
export function buildDenseHeads(options: BuildDenseHeadsOptions): tf.LayersModel {
  const { inputShape, targets, seed } = options;
  const input = tf.input({ shape: [...inputShape], name: 'dense_input' });
  const shared = hiddenLayers(input, options);
  const names = logitsNames(targets);
  const outputs = targets.map(({ classes }, i) =>
    logitsLayer(shared, { name: names[i] ?? '', classes: classes.length, seed }),
  );
  return tf.model({ inputs: input, outputs, name: 'dense' });
}

/**
 * Returns a model whose outputs stand side by side in one, float32 [B, sum of classes]; it shares the layers of the
 * given one.
 */
export function besideEachOther(model: tf.LayersModel): tf.LayersModel {
  const { inputs, outputs } = model;
  if (outputs.length === 1) return model;
  const joined = tf.layers
    .concatenate({ name: 'beside_each_other' })
    .apply(outputs) as tf.SymbolicTensor;
  return tf.model({ inputs, outputs: joined, name: `${model.name}_joined` });
}

/**
 * Returns the logits of each target, a list of numbers an image, from those that stand side by side.
 *
 * @param logits float32 [N, sum of classes]
 */
export function logitsByTarget(
  { data, count, shape }: Features,
  targets: readonly TargetDescription[],
): readonly (readonly (readonly number[])[])[] {
  const [width = 0] = shape;
  let from = 0;
  return targets.map(({ classes }) => {
    const start = from;
    from += classes.length;
    return Array.from({ length: count }, (_, i) =>
      Array.from(data.subarray(i * width + start, i * width + start + classes.length)),
    );
  });
}
