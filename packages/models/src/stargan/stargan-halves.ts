/** The two halves of a training step of StarGAN, as functions that can be compiled, and what they work on. */
import * as tf from '@tensorflow/tfjs';
import type { Adam, AdamCorrection } from '../adam.js';
import {
  adversarialLoss,
  changeLoss,
  cycleConsistencyLoss,
  discriminatorLoss,
} from '../cyclegan/cyclegan-losses.js';
import { halves, moveAverage, stackOf } from '../gan/gan-passes.js';
import { gradientsOf, variablesOf } from '../model-variables.js';
import { gradientPenalty, labelLoss } from './stargan-losses.js';
import type { StarGanOptions } from './stargan-presets.js';

/** What a step changes. */
export interface StarGanParts {
  readonly networks: { readonly G: tf.LayersModel; readonly D: tf.LayersModel };
  readonly optimizers: { readonly generators: Adam; readonly discriminators: Adam };
  /** Running average of the generator, if it is kept. */
  readonly averaged: tf.LayersModel | undefined;
}

/** Images and labels of a step. */
export interface StarGanBatch {
  /** float32 [B, S, S, 3], signed. */
  readonly real: tf.Tensor4D;
  /** float32 [B, L], 0 or 1: what the images have. */
  readonly own: tf.Tensor2D;
  /** float32 [B, L]: what they are to have. */
  readonly wanted: tf.Tensor2D;
}

/** Inputs of {@link starGeneratorStep}. */
export type StarGeneratorInputs = StarGanBatch &
  AdamCorrection<tf.Tensor> & {
    /** float32 scalar: how far the average moves. */
    readonly averageRate: tf.Tensor;
  };

/** Inputs of {@link starDiscriminatorStep}. */
export type StarDiscriminatorInputs = StarGanBatch &
  AdamCorrection<tf.Tensor> & {
    /** float32 [B, 1, 1, 1], 0 to 1: where between an image and a fake the gradient is taken. */
    readonly mix: tf.Tensor4D;
  };

/** Which options of a training its steps read. */
export type StarGanStepOptions = Pick<
  StarGanOptions,
  | 'adversarial'
  | 'lambdaClassification'
  | 'lambdaFakeLabels'
  | 'lambdaReconstruction'
  | 'lambdaPenalty'
  | 'lambdaChange'
>;

/** The generator's terms, which only an update of the generator has. */
export const STARGAN_GENERATOR_LOSSES = [
  'adversarial',
  'classification',
  'reconstruction',
  'change',
  'generatorTotal',
] as const;

/** The discriminator's terms; under `wgan-gp` the first is the critic's, which falls below 0. */
export const STARGAN_DISCRIMINATOR_LOSSES = [
  'discriminator',
  'discriminatorClassification',
  'discriminatorFakeLabels',
  'gradientPenalty',
] as const;

/** The terms of a step, in their order; none but the generator's total is weighted. */
export const STARGAN_LOSSES: readonly string[] = [
  ...STARGAN_GENERATOR_LOSSES,
  ...STARGAN_DISCRIMINATOR_LOSSES,
];

/** Returns what G makes of images that are to have labels. */
const made = (G: tf.LayersModel, images: tf.Tensor4D, labels: tf.Tensor2D): tf.Tensor4D =>
  G.apply([images, labels], { training: true }) as tf.Tensor4D;

/** Returns what D says of images: whether they are real, and the logits of their labels. */
const told = (D: tf.LayersModel, images: tf.Tensor4D): [tf.Tensor4D, tf.Tensor2D] =>
  D.apply(images, { training: true }) as [tf.Tensor4D, tf.Tensor2D];

/** Updates the generator; the discriminator keeps its weights. */
export function starGeneratorStep(
  { networks, optimizers, averaged }: StarGanParts,
  inputs: StarGeneratorInputs,
  options: StarGanStepOptions,
): { readonly losses: tf.Tensor } {
  const { G, D } = networks;
  const { real, own, wanted, averageRate } = inputs;
  const { adversarial, lambdaReconstruction, lambdaChange } = options;
  const kept: { terms?: Record<string, tf.Scalar> } = {};
  const variables = variablesOf(G, { prefix: 'G' });
  const { value, gradients } = gradientsOf(() => {
    const zero = tf.scalar(0);
    const fake = made(G, real, wanted);
    const [logits, labels] = told(D, fake);
    const terms = {
      adversarial:
        adversarial === 'wgan-gp'
          ? tf.neg<tf.Scalar>(tf.mean(logits))
          : adversarialLoss(logits, adversarial),
      classification: labelLoss(labels, wanted),
      reconstruction:
        lambdaReconstruction > 0 ? cycleConsistencyLoss(made(G, fake, own), real) : zero,
      change: lambdaChange > 0 ? changeLoss(fake, real) : zero,
    };
    Object.values(terms).forEach((each) => tf.keep(each));
    kept.terms = terms;
    return tf.addN([
      terms.adversarial,
      tf.mul(terms.classification, options.lambdaClassification),
      tf.mul(terms.reconstruction, lambdaReconstruction),
      tf.mul(terms.change, lambdaChange),
    ]);
  }, variables);
  optimizers.generators.update(gradients, variables, inputs);
  if (averaged !== undefined) moveAverage(G, averaged, averageRate);
  const losses = stackOf({ ...kept.terms, generatorTotal: value }, STARGAN_GENERATOR_LOSSES);
  tf.dispose([gradients, kept]);
  return { losses };
}

/** Updates the discriminator on real images with their labels, and on fakes with those of their originals where asked; the generator keeps its weights. */
export function starDiscriminatorStep(
  { networks, optimizers }: StarGanParts,
  inputs: StarDiscriminatorInputs,
  options: StarGanStepOptions,
): { readonly losses: tf.Tensor } {
  const { G, D } = networks;
  const { real, own, wanted, mix } = inputs;
  const { adversarial, lambdaClassification, lambdaFakeLabels, lambdaPenalty } = options;
  const fake = made(G, real, wanted);
  const count = real.shape[0];
  const kept: { terms?: Record<string, tf.Scalar> } = {};
  const variables = variablesOf(D, { prefix: 'D' });
  const { value, gradients } = gradientsOf(() => {
    const [logits, labels] = told(D, tf.concat([real, fake]));
    const [ofReal, ofFake] = halves(logits, count);
    const [labelsOfReal, labelsOfFake] = halves(labels, count);
    const isCritic = adversarial === 'wgan-gp';
    const between = tf.add<tf.Tensor4D>(fake, tf.mul(tf.sub(real, fake), mix));
    const terms = {
      discriminator: isCritic
        ? tf.sub<tf.Scalar>(tf.mean(ofFake), tf.mean(ofReal))
        : discriminatorLoss(ofReal, ofFake, { mode: adversarial }),
      discriminatorClassification: labelLoss(labelsOfReal, own),
      discriminatorFakeLabels: lambdaFakeLabels > 0 ? labelLoss(labelsOfFake, own) : tf.scalar(0),
      gradientPenalty: isCritic
        ? gradientPenalty((images) => told(D, images)[0], between)
        : tf.scalar(0),
    };
    Object.values(terms).forEach((each) => tf.keep(each));
    kept.terms = terms;
    return tf.addN([
      terms.discriminator,
      tf.mul(terms.discriminatorClassification, lambdaClassification),
      tf.mul(terms.discriminatorFakeLabels, lambdaFakeLabels),
      tf.mul(terms.gradientPenalty, lambdaPenalty),
    ]);
  }, variables);
  optimizers.discriminators.update(gradients, variables, inputs);
  const losses = stackOf(kept.terms ?? {}, STARGAN_DISCRIMINATOR_LOSSES);
  tf.dispose([value, gradients, kept]);
  return { losses };
}
