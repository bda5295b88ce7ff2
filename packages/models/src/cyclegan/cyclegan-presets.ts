import type { Precision } from '@janus/engine';
import type { AdversarialMode } from './cyclegan-losses.js';
import type { EpochSchedule } from './cyclegan-schedule.js';
import type { DiscriminatorArchitecture } from './cyclegan-discriminator.js';
import type { GeneratorArchitecture, GeneratorSkip } from './cyclegan-generator.js';
import type { Norm } from './cyclegan-norms.js';
import type { Upsampling } from './generator-form.js';
import type { Initialisation } from './initial-weights.js';
import { POOL_SIZE } from './image-pool.js';

/** Everything that a CycleGAN's training depends on beside its data and seedless machine. */
export interface CycleGanOptions {
  /** Height of the images in pixels, and their width: a multiple of 8, of U-Nets of more. */
  readonly imageSize: number;
  /** Width of the images in pixels, where it is another than their height; absent: squares. */
  readonly imageWidth?: number;
  /** Channels that the networks see and make: 3, RGB, or 1, lightness. */
  readonly channels: number;
  /** Images of each domain in a step; the batch source is made with it. */
  readonly batchSize: number;
  /** What the generators are. */
  readonly generator: GeneratorArchitecture;
  /** Filters of the generators' first convolution. */
  readonly generatorFilters: number;
  /** Residual blocks of generators that are ResNets. */
  readonly generatorBlocks: number;
  /** How a generator's input reaches its output. */
  readonly skip: GeneratorSkip;
  /** How far a generator may bend its input, as a share of half of each side of the image; 0: it does not. */
  readonly bend: number;
  /** How a generator doubles the sides of its features. */
  readonly upsampling: Upsampling;
  /** What normalises the features of all four networks. */
  readonly norm: Norm;
  /** How the kernels of all four networks begin. */
  readonly initialisation: Initialisation;
  /** What a discriminator looks at. */
  readonly discriminator: DiscriminatorArchitecture;
  /** Filters of the discriminators' first convolution. */
  readonly discriminatorFilters: number;
  /** Convolutions of stride 2 in discriminators of patches. */
  readonly discriminatorLayers: number;
  /** Sizes of an image that a discriminator judges: 1, its own; 2, half of it too; 3, a quarter too. */
  readonly discriminatorScales: number;
  /** Whether the discriminators also judge each image as a whole. */
  readonly globalView: boolean;
  /** Whether discriminators of patches also judge patches of 22 px. */
  readonly localView: boolean;
  /**
   * Largest shift of an image in pixels, drawn again whenever a discriminator sees it, real or fake: one that knows
   * few images by heart would tell them from all others (Zhao et al. 2020, arXiv 2006.10738). 0: none.
   */
  readonly shift: number;
  /**
   * Updates at the start in which only the discriminators learn, to tell the two domains apart, since an untrained
   * generator with the skip `residual` returns its input; 0: none.
   */
  readonly discriminatorWarmup: number;
  /** Whether the discriminators keep their weights: those of the start, or of the end of `discriminatorWarmup`. */
  readonly freezeDiscriminators: boolean;
  /** How opinions become losses. */
  readonly adversarial: AdversarialMode;
  /** How far below 1 a discriminator's label of real images is, 0 to 0.5, so that it is never quite sure; 0: not. */
  readonly labelSmoothing: number;
  /** Weight of the cycle terms; 0 leaves them out, and half the work of a step with them. */
  readonly lambdaCycle: number;
  /** Weight of the cycle X to Y to X; default `lambdaCycle`. */
  readonly lambdaCycleX?: number;
  /** Weight of the cycle Y to X to Y; default `lambdaCycle`. */
  readonly lambdaCycleY?: number;
  /** Weight of the identity terms, multiplied by the cycle's of the same domain; 0 leaves them out. */
  readonly lambdaIdentity: number;
  /** Weight of the mean absolute change of an image, which pulls a fake to its original; 0 leaves the term out. */
  readonly lambdaChange: number;
  /** What `lambdaChange` has become by the end, evenly while the learning rate falls; default `lambdaChange`. */
  readonly lambdaChangeEnd?: number;
  /**
   * Whether the images of a batch are pairs: the discriminators then see each image with its original, and `lambdaPair` holds
   * a translation to its original's pair, as pix2pix does. Fakes of earlier updates have other originals: no pools.
   */
  readonly paired: boolean;
  /** Weight of the mean absolute difference of a translation from its original's pair; pix2pix: 100. */
  readonly lambdaPair: number;
  /** Adam's step size during the constant epochs. */
  readonly learningRate: number;
  /**
   * The discriminators' step size over the generators'; the paper: 1. Above 1 in short runs, where
   * the discriminators learn too slowly to see what distinguishes the domains (Heusel et al. 2017,
   * arXiv 1706.08500, two time scales).
   */
  readonly discriminatorLrFactor: number;
  /** Adam's memory of the mean gradient. */
  readonly beta1: number;
  /** Fakes kept a domain. */
  readonly poolSize: number;
  /** How the learning rate goes from epoch to epoch. */
  readonly schedule: EpochSchedule;
  /** Epochs from one tenth of the rate to the next with the schedule `step`. */
  readonly stepEpochs: number;
  /** Epochs at the full learning rate. */
  readonly constantEpochs: number;
  /** Epochs over which it falls towards 0. */
  readonly decayEpochs: number;
  /**
   * Memory of the running average of the generators' weights, which then makes the samples and the
   * exported model; 0 keeps none.
   */
  readonly averageDecay: number;
  /** What the networks compute in, where the engine has a choice; weights are float32 always. */
  readonly precision: Precision;
  /** Of initial weights and image pools. */
  readonly seed: number;
}

/** The paper's settings for 256 px (Zhu et al. 2017, sections 4 and appendix 7). */
export const CYCLEGAN_PAPER: CycleGanOptions = {
  imageSize: 256,
  channels: 3,
  batchSize: 1,
  generator: 'resnet',
  generatorFilters: 64,
  generatorBlocks: 9,
  skip: false,
  bend: 0,
  upsampling: 'transposed',
  norm: 'instance',
  initialisation: 'normal',
  discriminator: 'patch',
  discriminatorFilters: 64,
  discriminatorLayers: 3,
  discriminatorScales: 1,
  globalView: false,
  localView: false,
  shift: 0,
  discriminatorWarmup: 0,
  freezeDiscriminators: false,
  adversarial: 'least-squares',
  labelSmoothing: 0,
  lambdaCycle: 10,
  lambdaIdentity: 0.5,
  lambdaChange: 0,
  paired: false,
  lambdaPair: 0,
  learningRate: 2e-4,
  discriminatorLrFactor: 1,
  beta1: 0.5,
  poolSize: POOL_SIZE,
  schedule: 'linear',
  stepEpochs: 50,
  constantEpochs: 100,
  decayEpochs: 100,
  averageDecay: 0,
  precision: 'float32',
  seed: 1,
};

/**
 * A small local change, such as another expression or other lips, at 64 px in minutes on two processor cores. The
 * generators return their input at first and are pulled back to it instead of through a cycle, which costs half as
 * much; they may bend the image, so that shapes move without new colours. The pull grows threefold: at first much may
 * change, in the end only what the discriminators insist on. These know the two domains apart before the generators begin,
 * and learn at twice their rate. Texture of all of an image (horses to zebras) needs a weaker pull than this, and the cycle
 * (docs/translation-measured.md has the measurements).
 */
export const CYCLEGAN_ATTRIBUTE: CycleGanOptions = {
  ...CYCLEGAN_PAPER,
  imageSize: 64,
  batchSize: 8,
  generatorFilters: 16,
  generatorBlocks: 3,
  skip: 'residual',
  bend: 0.15,
  upsampling: 'resize',
  discriminatorFilters: 32,
  globalView: true,
  localView: true,
  shift: 4,
  discriminatorWarmup: 150,
  lambdaCycle: 0,
  lambdaIdentity: 0,
  lambdaChange: 6,
  lambdaChangeEnd: 18,
  learningRate: 5e-4,
  discriminatorLrFactor: 2,
  constantEpochs: 0,
  decayEpochs: 12,
  averageDecay: 0.99,
};

/**
 * Another texture of a whole object, such as stripes on a horse, at 64 px in about an hour on two processor cores. The generators
 * return their input at first, so that they need not learn to draw a horse before they learn to stripe it; unlike `CYCLEGAN_ATTRIBUTE`
 * nothing but the cycle, at half of the paper's weight, holds them to it. They have half of the paper's filters and a third fewer blocks,
 * and no second pass of the identity term: many more updates in the same time. Images are shifted before a discriminator sees
 * them, because it sees few (docs/translation-measured.md has the measurements beside the paper's recipe).
 */
export const CYCLEGAN_TEXTURE: CycleGanOptions = {
  ...CYCLEGAN_PAPER,
  imageSize: 64,
  batchSize: 4,
  generatorFilters: 32,
  generatorBlocks: 6,
  skip: 'residual',
  upsampling: 'resize',
  discriminatorFilters: 48,
  shift: 4,
  discriminatorWarmup: 100,
  lambdaCycle: 5,
  lambdaIdentity: 0,
  constantEpochs: 60,
  decayEpochs: 60,
  averageDecay: 0.999,
};

/**
 * pix2pix, both ways at once: for pairs of images. Differs from the paper: no dropout, and so no noise.
 *
 * Source: Isola et al. 2017, arXiv 1611.07004, section 3; the reference's options of `pix2pix_model.py`.
 */
export const CYCLEGAN_PIX2PIX: CycleGanOptions = {
  ...CYCLEGAN_PAPER,
  generator: 'unet',
  norm: 'batch',
  adversarial: 'log',
  lambdaCycle: 0,
  lambdaIdentity: 0,
  paired: true,
  lambdaPair: 100,
  poolSize: 0,
};

/** The smallest that still has every part: for tests. */
export const CYCLEGAN_TEST: CycleGanOptions = {
  ...CYCLEGAN_PAPER,
  imageSize: 16,
  batchSize: 2,
  generatorFilters: 4,
  generatorBlocks: 1,
  discriminatorFilters: 4,
  discriminatorLayers: 2,
  poolSize: 3,
  constantEpochs: 1,
  decayEpochs: 1,
};
