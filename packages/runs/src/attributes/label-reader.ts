/** What images are to have: what a network tells of them, with some attributes set. */
import type { AttributeCode } from '@janus/core';
import { readLabels, signedLabels, type LabelsOf } from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { numbersToHave, type WantedClass } from './attribute-codes.js';

/** How {@link labelReader} reads. */
export interface LabelReaderOptions {
  readonly codes: readonly AttributeCode[];
  readonly wanted: readonly WantedClass[];
  /** Side of the images that the network takes, in pixels. */
  readonly size: number;
  /** Whether labels are -1 and 1 instead of 0 and 1. */
  readonly signed: boolean;
}

/**
 * Returns what gives a generator its labels.
 *
 * @param network tells what an image has: a discriminator, or an encoder of labels
 */
export function labelReader(network: tf.LayersModel, options: LabelReaderOptions): LabelsOf {
  const { codes, wanted, size, signed } = options;
  return async (images) => {
    const numbers = numbersToHave(codes, await readLabels(network, images, size), wanted);
    return signed ? signedLabels(numbers) : numbers;
  };
}
