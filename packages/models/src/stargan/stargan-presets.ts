import type { Precision } from '@janus/engine';
import type { LabelEntry } from './stargan-networks.js';
import type { AdversarialMode } from '../cyclegan/cyclegan-losses.js';

/** How what a discriminator says becomes a loss: the paper's critic with a gradient penalty, or CycleGAN's forms. */
export type StarGanAdversarial = 'wgan-gp' | AdversarialMode;

/** All of them, the paper's first. */
export const STARGAN_ADVERSARIALS: readonly StarGanAdversarial[] = [
  'wgan-gp',
  'least-squares',
  'log',
];

/** Everything that a StarGAN's training depends on beside its data. */
export interface StarGanOptions {
  /** Side of the images in pixels. */
  readonly imageSize: number;
  /** Images of a step; the batch source is made with it. */
  readonly batchSize: number;
  /** Filters of the generator's first convolution. */
  readonly generatorFilters: number;
  /** Residual blocks of the generator. */
  readonly generatorBlocks: number;
  /** Whether the generator adds what it makes to its input, and so begins by returning it. */
  readonly residual: boolean;
  /** Where labels enter the generator. */
  readonly entry: LabelEntry;
  /** Filters of the discriminator's first convolution, which double with each. */
  readonly discriminatorFilters: number;
  /** Convolutions that halve the sides in the discriminator. */
  readonly discriminatorLayers: number;
  readonly adversarial: StarGanAdversarial;
  /** Updates of the discriminator for one of the generator, at least 1. */
  readonly criticSteps: number;
  /** Weight of what the discriminator tells of the labels. */
  readonly lambdaClassification: number;
  /**
   * Weight of what the discriminator is taught of the labels of fakes: those of their originals. A generator that has to
   * convince only a classifier of real images soon finds patterns that nobody else takes for the attribute. The paper: 0.
   */
  readonly lambdaFakeLabels: number;
  /** Weight of the mean absolute difference to the original after a way there and back; 0 leaves it out. */
  readonly lambdaReconstruction: number;
  /** Weight of the gradient penalty, of `wgan-gp` alone. */
  readonly lambdaPenalty: number;
  /** Weight of the mean absolute change of an image; the paper has no such term: 0. */
  readonly lambdaChange: number;
  readonly learningRate: number;
  /** The discriminator's step size over the generator's. */
  readonly discriminatorLrFactor: number;
  /** Adam's memory of the mean gradient. */
  readonly beta1: number;
  /** Epochs at the full learning rate. */
  readonly constantEpochs: number;
  /** Epochs over which it falls towards 0. */
  readonly decayEpochs: number;
  /** Memory of the running average of the generator's weights, which then makes samples and the exported model; 0: none. */
  readonly averageDecay: number;
  /** What the networks compute in, where the engine has a choice; weights are float32 always. */
  readonly precision: Precision;
  readonly seed: number;
}

/** The paper's settings for 128 px faces (Choi et al. 2018, arXiv 1711.09020, section 4 and appendix 7). */
export const STARGAN_PAPER: StarGanOptions = {
  imageSize: 128,
  batchSize: 16,
  generatorFilters: 64,
  generatorBlocks: 6,
  residual: false,
  entry: 'input',
  discriminatorFilters: 64,
  discriminatorLayers: 6,
  adversarial: 'wgan-gp',
  criticSteps: 5,
  lambdaClassification: 1,
  lambdaFakeLabels: 0,
  lambdaReconstruction: 10,
  lambdaPenalty: 10,
  lambdaChange: 0,
  learningRate: 1e-4,
  discriminatorLrFactor: 1,
  beta1: 0.5,
  constantEpochs: 10,
  decayEpochs: 10,
  averageDecay: 0,
  precision: 'float32',
  seed: 1,
};

/**
 * Small local changes, such as glasses and a beard, at 64 px in minutes on two processor cores. The generator begins by
 * returning its input, and learns in every update: with five updates of a critic for one, it would begin to move when
 * the minutes are over.
 */
export const STARGAN_ATTRIBUTE: StarGanOptions = {
  ...STARGAN_PAPER,
  imageSize: 64,
  generatorFilters: 24,
  generatorBlocks: 3,
  residual: true,
  entry: 'norms',
  discriminatorFilters: 24,
  discriminatorLayers: 5,
  adversarial: 'least-squares',
  criticSteps: 1,
  lambdaFakeLabels: 0.2,
  learningRate: 5e-4,
  constantEpochs: 0,
  decayEpochs: 12,
  averageDecay: 0.99,
};

/** The smallest that still has every part: for tests. */
export const STARGAN_TEST: StarGanOptions = {
  ...STARGAN_PAPER,
  imageSize: 16,
  batchSize: 2,
  generatorFilters: 4,
  generatorBlocks: 1,
  discriminatorFilters: 4,
  discriminatorLayers: 3,
  criticSteps: 2,
  constantEpochs: 1,
  decayEpochs: 1,
};
