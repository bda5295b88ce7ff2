/** What images are to have: what a discriminator tells of them, with some attributes set. */
import type { AttributeCode } from '@janus/core';
import { readLabels, type LabelsOf } from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { numbersToHave, type WantedClass } from './attribute-codes.js';

/**
 * Returns what gives a generator its labels.
 *
 * @param options `size`: side of the images that the discriminator takes, in pixels
 */
export function labelReader(
  discriminator: tf.LayersModel,
  options: {
    readonly codes: readonly AttributeCode[];
    readonly wanted: readonly WantedClass[];
    readonly size: number;
  },
): LabelsOf {
  const { codes, wanted, size } = options;
  return async (images) =>
    numbersToHave(codes, await readLabels(discriminator, images, size), wanted);
}
