/** What a training step of CUT works on: networks, optimizers, a batch, and the names of its losses. */
import type * as tf from '@tensorflow/tfjs';
import type { Adam } from '../adam.js';
import { variablesOf, type NamedVariables } from '../model-variables.js';

/** The networks: G: X -> Y, DY, which judges what is in Y, and what features are compared by. */
export interface CutNetworks {
  readonly G: tf.LayersModel;
  readonly DY: tf.LayersModel;
  /** Of the image itself, then of each compared layer. */
  readonly projections: readonly tf.LayersModel[];
  /** The part of G that makes the compared features; shares its weights. */
  readonly encoder: tf.LayersModel;
}

/**
 * One Adam for generator and projections, one for the discriminator. The authors' code has a third for the projections,
 * with the same numbers, which makes no difference.
 */
export interface CutOptimizers {
  readonly generators: Adam;
  readonly discriminators: Adam;
}

/** What a step changes. */
export interface CutParts {
  readonly networks: CutNetworks;
  readonly optimizers: CutOptimizers;
  /** Running average of the generator, if it is kept. */
  readonly averaged: tf.LayersModel | undefined;
}

/** The generator's terms. */
export const CUT_GENERATOR_LOSSES = [
  'adversarialY',
  'nce',
  'nceIdentity',
  'changeX',
  'generatorTotal',
] as const;

/** The discriminator's: all there is in a step in which only it learns. */
export const CUT_DISCRIMINATOR_LOSSES = ['discriminatorY'] as const;

/**
 * The terms of a step, in their order; none but the total is weighted. `nce` is the contrastive term of fakes and their
 * originals, `nceIdentity` that of images of Y and what G makes of them.
 */
export const CUT_LOSSES: readonly string[] = [...CUT_GENERATOR_LOSSES, ...CUT_DISCRIMINATOR_LOSSES];

/** Returns what the generator's optimizer updates, by name. */
export function cutGeneratorVariables({ G, projections }: CutNetworks): NamedVariables {
  return Object.assign(
    variablesOf(G, { prefix: 'G' }),
    ...projections.map((model) => variablesOf(model, { prefix: model.name })),
  ) as NamedVariables;
}

/** Returns what the discriminator's optimizer updates, by name. */
export function cutDiscriminatorVariables({ DY }: CutNetworks): NamedVariables {
  return variablesOf(DY, { prefix: 'DY' });
}
