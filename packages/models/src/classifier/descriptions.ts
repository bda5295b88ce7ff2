/** What a trained classifier needs to know about itself. */
import type { FittedTemperature } from '@janus/core';
import type { Preprocessing } from '../backbones/preprocessing.js';
import type { TargetDescription } from './heads.js';

/** What a trained classifier needs to be told about itself: `model/janus.json`. */
export interface ClassifierDescription {
  readonly format: 1;
  readonly target: string;
  readonly classes: readonly string[];
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  readonly preprocessing: Preprocessing;
  /**
   * What logits are divided by before the softmax, so that probabilities mean what they say; null where none could be
   * fitted, absent before an evaluation looked for one.
   */
  readonly temperature?: FittedTemperature | null;
}

/** What a network of several targets needs to know about itself: `model/janus.json`. */
export interface HeadsDescription {
  readonly format: 2;
  /** In the order of the network's outputs. */
  readonly targets: readonly TargetDescription[];
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  readonly preprocessing: Preprocessing;
}

/** Returns what describes a classifier of one target or more, from what describes either. */
export function headsDescriptionOf(
  description: ClassifierDescription | HeadsDescription,
): HeadsDescription {
  if (description.format === 2) return description;
  const { target, classes, imageSize, preprocessing, temperature } = description;
  const fitted = temperature === undefined ? {} : { temperature };
  return { format: 2, targets: [{ target, classes, ...fitted }], imageSize, preprocessing };
}
