/** What the updates of adversarial trainings are written with. */
import * as tf from '@tensorflow/tfjs';
import { variablesOf } from '../model-variables.js';

/** Returns what a network makes of images while it is trained. */
export function forward(network: tf.LayersModel, images: tf.Tensor4D): tf.Tensor4D {
  return network.apply(images, { training: true }) as tf.Tensor4D;
}

/** Returns the logits of a discriminator: those of its patches, and that of the whole where it has one. */
export function views(D: tf.LayersModel, images: tf.Tensor4D): readonly tf.Tensor4D[] {
  const logits = D.apply(images, { training: true }) as tf.Tensor4D | tf.Tensor4D[];
  return Array.isArray(logits) ? logits : [logits];
}

/** Returns the mean of scalars. */
export function meanOf(terms: readonly tf.Scalar[]): tf.Scalar {
  const [first, ...rest] = terms;
  if (first === undefined) throw new Error('a mean needs terms');
  if (rest.length === 0) return first;
  return tf.div(
    rest.reduce((sum, term) => tf.add(sum, term), first),
    terms.length,
  );
}

/** Splits a batch after its first `count` items. */
export function halves<T extends tf.Tensor>(batch: T, count: number): [T, T] {
  return tf.split(batch, [count, batch.shape[0] - count]) as [T, T];
}

/** Stacks terms in the order of their names: float32 [names]. */
export function stackOf(
  terms: Readonly<Record<string, tf.Scalar>>,
  names: readonly string[],
): tf.Tensor {
  return tf.stack(
    names.map((name) => {
      const term = terms[name];
      if (term === undefined) throw new Error(`no loss ${name}`);
      return term;
    }),
  );
}

/**
 * Moves the running average of a network towards it.
 *
 * @param rate float32 scalar, 0 to 1: how far
 */
export function moveAverage(
  network: tf.LayersModel,
  averaged: tf.LayersModel,
  rate: tf.Tensor,
): void {
  // Moving means of batch normalisation too.
  const all = { trainableOnly: false };
  const current = variablesOf(network, all);
  for (const [key, average] of Object.entries(variablesOf(averaged, all))) {
    const weight = current[key];
    if (weight === undefined) continue;
    average.assign(tf.add(average, tf.mul(tf.sub(weight, average), rate)));
  }
}
