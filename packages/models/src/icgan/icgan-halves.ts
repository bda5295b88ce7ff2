/** The parts of a training of IcGAN, as functions that can be compiled, and what they work on. */
import * as tf from '@tensorflow/tfjs';
import type { Adam, AdamCorrection } from '../adam.js';
import { adversarialLoss } from '../cyclegan/cyclegan-losses.js';
import { halves, moveAverage, stackOf } from '../gan/gan-passes.js';
import { gradientsOf, variablesOf, type NamedVariables } from '../model-variables.js';

/** What a training changes. */
export interface IcGanParts {
  /** The generator, the discriminator, and the encoders of the latent numbers and of the labels. */
  readonly networks: Readonly<Record<IcGanNetwork, tf.LayersModel>>;
  readonly optimizers: Readonly<Record<IcGanNetwork, Adam>>;
  /** Running average of the generator, if it is kept. */
  readonly averaged: tf.LayersModel | undefined;
}

/** Names of the networks, under which they are saved. */
export type IcGanNetwork = 'G' | 'D' | 'Ez' | 'Ey';

/** What fakes are made of. */
export interface FakeInputs {
  /** float32 [B, latent], N(0, 1). */
  readonly latent: tf.Tensor2D;
  /** float32 [B, L], -1 or 1: labels of real images. */
  readonly given: tf.Tensor2D;
}

/** Real images and their labels. */
export interface RealInputs {
  /** float32 [B, S, S, 3], signed. */
  readonly real: tf.Tensor4D;
  /** float32 [B, L], -1 or 1: what they have. */
  readonly own: tf.Tensor2D;
}

/** The numbers of a second optimizer's update, beside those of the first. */
export interface SecondCorrection {
  readonly secondAlphaT: tf.Tensor;
  readonly secondEpsilonHat: tf.Tensor;
  readonly secondKeep: tf.Tensor;
}

/** Inputs of {@link icReconstructingStep}; the numbers of the second optimizer are the latent encoder's. */
export type IcReconstructingInputs = IcGeneratorInputs &
  RealInputs &
  SecondCorrection & {
    /** float32 [B, latent], N(0, 1). */
    readonly noise: tf.Tensor2D;
  };

/** Inputs of {@link icGeneratorStep}. */
export type IcGeneratorInputs = FakeInputs &
  AdamCorrection<tf.Tensor> & {
    /** float32 scalar: how far the average moves. */
    readonly averageRate: tf.Tensor;
  };

/** Inputs of {@link icDiscriminatorStep}. */
export type IcDiscriminatorInputs = RealInputs &
  FakeInputs &
  AdamCorrection<tf.Tensor> & {
    /** float32 [B, L], -1 or 1: what they do not have. */
    readonly wrong: tf.Tensor2D;
  };

/** Inputs of {@link icEncoderStep}; the numbers of the second optimizer are the label encoder's. */
export type IcEncoderInputs = RealInputs &
  FakeInputs &
  AdamCorrection<tf.Tensor> &
  SecondCorrection;

const OF_GENERATOR = ['generatorTotal', 'reconstruction'] as const;

const OF_DISCRIMINATOR = [
  'discriminatorReal',
  'discriminatorWrong',
  'discriminatorFake',
  'discriminator',
] as const;

/**
 * The terms of an update of generator and discriminator: the generator's sum, what images that are made again are off, then
 * the discriminator's on real, wrong and made images.
 */
export const ICGAN_GAN_LOSSES: readonly string[] = [...OF_GENERATOR, ...OF_DISCRIMINATOR];

/** The terms of an update of the encoders: two mean squared errors, and what images that are made again are off. */
export const ICGAN_ENCODER_LOSSES = ['latent', 'labels', 'encoderReconstruction'] as const;

/** The terms of any update, in their order. */
export const ICGAN_LOSSES: readonly string[] = [...ICGAN_GAN_LOSSES, ...ICGAN_ENCODER_LOSSES];

/** Returns the logits of being real with these labels: float32 [B, 1]. */
const told = (D: tf.LayersModel, images: tf.Tensor4D, labels: tf.Tensor2D): tf.Tensor =>
  D.apply([images, labels], { training: true }) as tf.Tensor;

/** Returns fakes as the generator makes them while it is trained: each channel normalised over the batch. */
const made = (G: tf.LayersModel, { latent, given }: FakeInputs): tf.Tensor4D =>
  G.apply([latent, given], { training: true }) as tf.Tensor4D;

/** Returns what logits cost that should say fake: their mean binary cross-entropy. */
const fakeLoss = (logits: tf.Tensor): tf.Scalar => tf.mean<tf.Scalar>(tf.softplus(logits));

/** Names an optimizer's numbers as those of the second in an update. */
export const asSecond = (correction: AdamCorrection<tf.Tensor>): SecondCorrection => ({
  secondAlphaT: correction.alphaT,
  secondEpsilonHat: correction.epsilonHat,
  secondKeep: correction.keep,
});

/** Takes back {@link asSecond}. */
const secondOf = (inputs: SecondCorrection): AdamCorrection<tf.Tensor> => ({
  alphaT: inputs.secondAlphaT,
  epsilonHat: inputs.secondEpsilonHat,
  keep: inputs.secondKeep,
});

/** Returns the mean absolute difference of signed images. */
const difference = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Scalar =>
  tf.mean<tf.Scalar>(tf.abs(tf.sub(a, b)));

/** Updates the generator; the discriminator keeps its weights. */
export function icGeneratorStep(
  { networks, optimizers, averaged }: IcGanParts,
  inputs: IcGeneratorInputs,
): { readonly losses: tf.Tensor } {
  const { G, D } = networks;
  const variables = variablesOf(G, { prefix: 'G' });
  const { value, gradients } = gradientsOf(
    () => adversarialLoss(told(D, made(G, inputs), inputs.given), 'log'),
    variables,
  );
  optimizers.G.update(gradients, variables, inputs);
  if (averaged !== undefined) moveAverage(G, averaged, inputs.averageRate);
  const reconstruction = tf.scalar(0);
  const losses = stackOf({ generatorTotal: value, reconstruction }, OF_GENERATOR);
  tf.dispose([gradients, value, reconstruction]);
  return { losses };
}

/**
 * Deviation of the noise on latent numbers of real images while the generator learns, next to the 1 of those that fakes are
 * made of: near numbers are then near faces.
 */
const LATENT_NOISE = 0.5;

/**
 * What the mean square of latent numbers of real images counts against the mean absolute difference of the images made
 * again, so that they stay where those of fakes are drawn. Half of 100 squares against 12,288 signed values (64 px) with an
 * error of 0.06 each, as Gaussian as their squares say, gives 0.002.
 */
const LATENT_PULL = 0.002;

/**
 * Updates the generator and the latent encoder: the generator makes fakes, and real images again of what the encoder tells,
 * some noise and their own labels. The discriminator keeps its weights.
 *
 * @param options `lambdaReconstruction`: what the difference between real images and those made again counts
 * Source: Larsen et al. 2016, arXiv 1512.09300, but by pixels, and with noise of one deviation.
 */
export function icReconstructingStep(
  { networks, optimizers, averaged }: IcGanParts,
  inputs: IcReconstructingInputs,
  { lambdaReconstruction }: { readonly lambdaReconstruction: number },
): { readonly losses: tf.Tensor } {
  const { G, D, Ez } = networks;
  const { real, own, noise, latent } = inputs;
  const ofG = variablesOf(G, { prefix: 'G' });
  const ofEz = variablesOf(Ez, { prefix: 'Ez' });
  const kept: { reconstruction?: tf.Scalar } = {};
  const { value, gradients } = gradientsOf(
    () => {
      const mean = Ez.apply(real, { training: true }) as tf.Tensor2D;
      const near = tf.add<tf.Tensor2D>(mean, tf.mul(noise, LATENT_NOISE));
      // In one pass, so that the same means normalise both.
      const given = tf.concat([inputs.given, own]);
      const both = made(G, { latent: tf.concat([latent, near]), given });
      const [, remade] = halves(both, latent.shape[0]);
      kept.reconstruction = tf.keep(difference(remade, real));
      const pull = tf.mul(tf.mean(tf.square(mean)), LATENT_PULL);
      const again = tf.mul(tf.add(kept.reconstruction, pull), lambdaReconstruction);
      return tf.add<tf.Scalar>(adversarialLoss(told(D, both, given), 'log'), again);
    },
    { ...ofG, ...ofEz },
  );
  optimizers.G.update(only(gradients, ofG), ofG, inputs);
  optimizers.Ez.update(only(gradients, ofEz), ofEz, secondOf(inputs));
  if (averaged !== undefined) moveAverage(G, averaged, inputs.averageRate);
  const losses = stackOf({ ...kept, generatorTotal: value }, OF_GENERATOR);
  tf.dispose([gradients, value, kept]);
  return { losses };
}

/** Returns the gradients of some variables. */
const only = (
  gradients: Readonly<Record<string, tf.Tensor>>,
  variables: NamedVariables,
): Readonly<Record<string, tf.Tensor>> =>
  Object.fromEntries(Object.entries(gradients).filter(([name]) => name in variables));

/**
 * Updates the discriminator: real images with their own labels are real; with labels of others, they are not, and neither
 * are fakes. The generator keeps its weights.
 *
 * @param options `wrongShare`: share of the former among what is not real
 * Source: the authors' `trainGAN.lua` (`trainWrongY`), whose share is one half; Reed et al. 2016, arXiv 1605.05396.
 */
export function icDiscriminatorStep(
  { networks, optimizers }: IcGanParts,
  inputs: IcDiscriminatorInputs,
  { wrongShare }: { readonly wrongShare: number },
): { readonly losses: tf.Tensor } {
  const { G, D } = networks;
  const { real, own, wrong, given } = inputs;
  const fake = made(G, inputs);
  const kept: { terms?: Record<string, tf.Scalar> } = {};
  const variables = variablesOf(D, { prefix: 'D' });
  const { value, gradients } = gradientsOf(() => {
    const terms = {
      discriminatorReal: adversarialLoss(told(D, real, own), 'log'),
      discriminatorWrong: wrongShare > 0 ? fakeLoss(told(D, real, wrong)) : tf.scalar(0),
      discriminatorFake: fakeLoss(told(D, fake, given)),
    };
    Object.values(terms).forEach((each) => tf.keep(each));
    kept.terms = terms;
    const notReal = tf.add(
      tf.mul(terms.discriminatorWrong, wrongShare),
      tf.mul(terms.discriminatorFake, 1 - wrongShare),
    );
    return tf.mul<tf.Scalar>(tf.add(terms.discriminatorReal, notReal), 0.5);
  }, variables);
  optimizers.D.update(gradients, variables, inputs);
  const losses = stackOf({ ...kept.terms, discriminator: value }, OF_DISCRIMINATOR);
  tf.dispose([value, gradients, kept, fake]);
  return { losses };
}

/**
 * Updates both encoders by the mean squared error: that of the latent numbers on fakes, whose numbers are known, that of
 * the labels on real images. With `lambdaReconstruction`, the latent encoder also learns from what the generator makes of
 * real images again. Generator and discriminator keep their weights.
 *
 * @param generator makes the fakes, as it does once trained
 * Source: the authors' `trainEncoder.lua`. Differs from it: fakes are made for each update, there all of them once.
 */
export function icEncoderStep(
  { networks, optimizers }: IcGanParts,
  inputs: IcEncoderInputs,
  {
    generator,
    lambdaReconstruction,
  }: { readonly generator: tf.LayersModel; readonly lambdaReconstruction: number },
): { readonly losses: tf.Tensor } {
  const { Ez, Ey } = networks;
  const { latent, given, real, own } = inputs;
  const fake = generator.apply([latent, given], { training: false }) as tf.Tensor4D;
  const off = (told: tf.Tensor, numbers: tf.Tensor2D): tf.Scalar =>
    tf.mean(tf.square(tf.sub(told, numbers)));
  const tell = (encoder: tf.LayersModel, images: tf.Tensor4D): tf.Tensor2D =>
    encoder.apply(images, { training: true }) as tf.Tensor2D;
  const kept: { latent?: tf.Scalar; encoderReconstruction?: tf.Scalar } = {};
  const ofEz = variablesOf(Ez, { prefix: 'Ez' });
  const latentLoss = gradientsOf(() => {
    if (lambdaReconstruction === 0) {
      kept.encoderReconstruction = tf.keep(tf.scalar(0));
      kept.latent = tf.keep(off(tell(Ez, fake), latent));
      return kept.latent;
    }
    const both = tell(Ez, tf.concat([fake, real]));
    const [ofFake, ofReal] = halves(both, latent.shape[0]);
    const remade = generator.apply([ofReal, own], { training: false }) as tf.Tensor4D;
    kept.latent = tf.keep(off(ofFake, latent));
    kept.encoderReconstruction = tf.keep(difference(remade, real));
    const again = tf.mul(kept.encoderReconstruction, lambdaReconstruction);
    return tf.add<tf.Scalar>(kept.latent, again);
  }, ofEz);
  optimizers.Ez.update(latentLoss.gradients, ofEz, inputs);
  const ofEy = variablesOf(Ey, { prefix: 'Ey' });
  const labelLoss = gradientsOf(() => off(tell(Ey, real), own), ofEy);
  optimizers.Ey.update(labelLoss.gradients, ofEy, secondOf(inputs));
  const losses = stackOf({ ...kept, labels: labelLoss.value }, ICGAN_ENCODER_LOSSES);
  tf.dispose([latentLoss.value, latentLoss.gradients, labelLoss.value, labelLoss.gradients]);
  tf.dispose([kept, fake]);
  return { losses };
}

/**
 * Passes fakes through a generator so that its moving means follow its weights, as the authors do before its images are
 * used; its weights stay.
 *
 * @returns a number that depends on the images, which a compiled step needs
 */
export function icRefreshStep(
  generator: tf.LayersModel,
  inputs: FakeInputs,
): { readonly mean: tf.Tensor } {
  return { mean: tf.mean(made(generator, inputs)) };
}
