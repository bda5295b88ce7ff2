/** The parts of a training of IcGAN, as functions that can be compiled, and what they work on. */
import * as tf from '@tensorflow/tfjs';
import type { Adam, AdamCorrection } from '../adam.js';
import { adversarialLoss } from '../cyclegan/cyclegan-losses.js';
import { moveAverage, stackOf } from '../gan/gan-passes.js';
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

/** Inputs of {@link icGeneratorStep}. */
export type IcGeneratorInputs = FakeInputs &
  AdamCorrection<tf.Tensor> & {
    /** float32 scalar: how far the average moves. */
    readonly averageRate: tf.Tensor;
  };

/** Real images and their labels. */
export interface RealInputs {
  /** float32 [B, S, S, 3], signed. */
  readonly real: tf.Tensor4D;
  /** float32 [B, L], -1 or 1: what they have. */
  readonly own: tf.Tensor2D;
}

/** Inputs of {@link icDiscriminatorStep}. */
export type IcDiscriminatorInputs = RealInputs &
  FakeInputs &
  AdamCorrection<tf.Tensor> & {
    /** float32 [B, L], -1 or 1: what they do not have. */
    readonly wrong: tf.Tensor2D;
  };

/** Inputs of {@link icEncoderStep}. */
export type IcEncoderInputs = RealInputs & FakeInputs & AdamCorrection<tf.Tensor>;

/** The terms of an update of generator and discriminator: what it says of fakes, then its own on real, wrong and made images. */
export const ICGAN_GAN_LOSSES = [
  'generatorTotal',
  'discriminatorReal',
  'discriminatorWrong',
  'discriminatorFake',
  'discriminator',
] as const;

/** The terms of an update of the encoders, both mean squared errors. */
export const ICGAN_ENCODER_LOSSES = ['latent', 'labels'] as const;

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
  const losses = tf.reshape(value, [1]);
  tf.dispose([gradients, value]);
  return { losses };
}

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
  const losses = stackOf({ ...kept.terms, discriminator: value }, ICGAN_GAN_LOSSES.slice(1));
  tf.dispose([value, gradients, kept, fake]);
  return { losses };
}

/**
 * Updates both encoders by the mean squared error: that of the latent numbers on fakes, whose numbers are known, that of
 * the labels on real images. Generator and discriminator keep their weights.
 *
 * @param generator makes the fakes, as it does once trained
 * Source: the authors' `trainEncoder.lua`. Differs from it: fakes are made for each update, there all of them once.
 */
export function icEncoderStep(
  { networks, optimizers }: IcGanParts,
  inputs: IcEncoderInputs,
  generator: tf.LayersModel,
): { readonly losses: tf.Tensor } {
  const { Ez, Ey } = networks;
  const { latent, given, real, own } = inputs;
  const fake = generator.apply([latent, given], { training: false }) as tf.Tensor4D;
  const learnt = (encoder: tf.LayersModel, images: tf.Tensor4D, numbers: tf.Tensor2D): tf.Scalar =>
    tf.mean(tf.square(tf.sub(encoder.apply(images, { training: true }) as tf.Tensor, numbers)));
  const updated = (name: 'Ez' | 'Ey', f: () => tf.Scalar): tf.Scalar => {
    const variables: NamedVariables = variablesOf(networks[name], { prefix: name });
    const { value, gradients } = gradientsOf(f, variables);
    optimizers[name].update(gradients, variables, inputs);
    tf.dispose(gradients);
    return value;
  };
  const terms = {
    latent: updated('Ez', () => learnt(Ez, fake, latent)),
    labels: updated('Ey', () => learnt(Ey, real, own)),
  };
  const losses = stackOf(terms, ICGAN_ENCODER_LOSSES);
  tf.dispose([terms, fake]);
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
