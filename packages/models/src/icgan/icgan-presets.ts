import type { Precision } from '@janus/engine';

/** Everything that an IcGAN's training depends on beside its data. */
export interface IcGanOptions {
  /** Side of the images in pixels: 64 in the paper; 8, 16, 32 or another power of 2. */
  readonly imageSize: number;
  /** Images of a step; the batch source is made with it. */
  readonly batchSize: number;
  /** Numbers that say of a face all that its labels do not. */
  readonly latent: number;
  /** Filters before the generator's last convolution. */
  readonly generatorFilters: number;
  /** Filters of the discriminator's first convolution. */
  readonly discriminatorFilters: number;
  /** Filters of both encoders' first convolution. */
  readonly encoderFilters: number;
  /** Units of the latent encoder's hidden dense layer. */
  readonly latentUnits: number;
  /** Units of the label encoder's hidden dense layer. */
  readonly labelUnits: number;
  /** Share of real images with labels of others among what the discriminator is to take for fakes, 0 to below 1. */
  readonly wrongShare: number;
  /**
   * What the mean absolute difference (signed pixels, 0 to 2) of a real image and of what the generator makes of it again
   * counts beside the adversarial loss, 0 or more; the paper: 0, its encoders learn when the generator is finished, and see
   * fakes alone. Above 0 the latent encoder learns from the first update on, with the generator.
   */
  readonly lambdaReconstruction: number;
  /** Of generator and discriminator. */
  readonly learningRate: number;
  /** The discriminator's step size over the generator's. */
  readonly discriminatorLrFactor: number;
  /** Adam's memory of the mean gradient, of generator and discriminator. */
  readonly beta1: number;
  /** Epochs of generator and discriminator at the full learning rate. */
  readonly constantEpochs: number;
  /** Epochs over which it falls towards 0. */
  readonly decayEpochs: number;
  /** Of the encoders. */
  readonly encoderLearningRate: number;
  /** Adam's memory of the mean gradient, of the encoders. */
  readonly encoderBeta1: number;
  /** Epochs of the encoders, which begin when the generator is finished. */
  readonly encoderEpochs: number;
  /** Memory of the running average of the generator's weights, which is then what is inverted and exported; 0: none. */
  readonly averageDecay: number;
  /** What the networks compute in, where the engine has a choice; weights are float32 always. */
  readonly precision: Precision;
  readonly seed: number;
}

/** The authors' settings for faces (Perarnau et al. 2016, arXiv 1611.06355, and `cfg/mainConfig.lua` of their code). */
export const ICGAN_PAPER: IcGanOptions = {
  imageSize: 64,
  batchSize: 64,
  latent: 100,
  generatorFilters: 64,
  discriminatorFilters: 64,
  encoderFilters: 32,
  latentUnits: 4096,
  labelUnits: 512,
  wrongShare: 0.5,
  lambdaReconstruction: 0,
  learningRate: 2e-4,
  discriminatorLrFactor: 1,
  beta1: 0.5,
  constantEpochs: 25,
  decayEpochs: 0,
  encoderLearningRate: 1e-4,
  encoderBeta1: 0.1,
  encoderEpochs: 15,
  averageDecay: 0,
  precision: 'float32',
  seed: 1,
};

/**
 * Few images and minutes on two processor cores: smaller networks and batches, so that there are more updates, and a
 * generator that learns from real images too (`lambdaReconstruction`): from a discriminator alone it does not learn to draw a
 * face in so few.
 */
export const ICGAN_QUICK: IcGanOptions = {
  ...ICGAN_PAPER,
  batchSize: 16,
  generatorFilters: 24,
  discriminatorFilters: 24,
  encoderFilters: 16,
  latentUnits: 512,
  labelUnits: 128,
  lambdaReconstruction: 10,
  learningRate: 3e-4,
  constantEpochs: 12,
  decayEpochs: 12,
  encoderLearningRate: 1e-3,
  encoderBeta1: 0.5,
  encoderEpochs: 10,
  averageDecay: 0.99,
};

/** The smallest that still has every part: for tests. */
export const ICGAN_TEST: IcGanOptions = {
  ...ICGAN_PAPER,
  imageSize: 16,
  batchSize: 2,
  latent: 5,
  generatorFilters: 4,
  discriminatorFilters: 4,
  encoderFilters: 4,
  latentUnits: 8,
  labelUnits: 8,
  constantEpochs: 1,
  encoderEpochs: 1,
};
