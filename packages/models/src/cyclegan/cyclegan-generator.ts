/** The generators of CycleGAN: which there are, and what they may be asked for. */
import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import { apply, checkWhole } from './cyclegan-layers.js';
import type { Norm } from './cyclegan-norms.js';
import { type BodyBuilder, type Upsampling } from './generator-form.js';
import { INITIAL_DEVIATION, type Initialisation } from './initial-weights.js';
import { resnetBody } from './resnet-generator.js';
import { unetBody, unetDepthOf } from './unet-generator.js';
import { ClippedSum } from '../layers.js';

/** How the input of a generator is added to its output; see `GeneratorOptions.skip`. */
export type GeneratorSkip = false | 'pre-tanh' | 'residual';

/** The names of all skips. */
export const GENERATOR_SKIPS: readonly Exclude<GeneratorSkip, false>[] = ['pre-tanh', 'residual'];

/**
 * `resnet`: the paper's. `unet-256` and `unet-128`: pix2pix's, which halves images 8 or 7 times; `unet`: as often as the size
 * allows, 8 times at most.
 */
export type GeneratorArchitecture = 'resnet' | 'unet' | 'unet-128' | 'unet-256';

/** All of them, the default first. */
export const GENERATOR_ARCHITECTURES: readonly GeneratorArchitecture[] = [
  'resnet',
  'unet',
  'unet-128',
  'unet-256',
];

/** Options of {@link buildGenerator}. */
export interface GeneratorOptions {
  /**
   * Height of the images in pixels, and their width; a multiple of 4 and at least 8 (a U-Net: see
   * {@link GeneratorArchitecture}). The weights fit any such size.
   */
  readonly imageSize: number;
  /** Width, if it is another. */
  readonly imageWidth?: number;
  /** Channels of the images, in and out; default 3, RGB. */
  readonly channels?: number;
  /** Default `resnet`. */
  readonly architecture?: GeneratorArchitecture;
  /** Filters of the first convolution (ngf); default 64, the paper's. */
  readonly filters?: number;
  /** Residual blocks of `resnet`; default 9, the paper's for 256 px (6 for 128 px). */
  readonly blocks?: number;
  /**
   * `pre-tanh` adds the input before the last tanh, so that an untrained generator already shows its
   * input, with less contrast: tanh(1) is 0.76. `residual` adds twice the tanh to the input and clips the
   * sum to [-1, 1]; its last convolution starts near 0, so that an untrained generator returns its input
   * almost unchanged. Default false, the paper's.
   */
  readonly skip?: GeneratorSkip;
  /**
   * With the skip `residual` of a `resnet`, lets the generator bend its input before the change is added: how far at most,
   * as a share of half of each side of the image; default 0, no bending. It needs no colours to move a lip or a brow.
   */
  readonly bend?: number;
  /**
   * `transposed`: a transposed convolution, the paper's and the default. `resize`: each pixel four times, then a
   * convolution, which costs four times as much but leaves no hatching (Odena et al. 2016, distill 10.23915/distill.00003).
   */
  readonly upsampling?: Upsampling;
  /** Default `instance`, the paper's. */
  readonly norm?: Norm;
  /** How the kernels begin; default `normal`, the paper's. */
  readonly initialisation?: Initialisation;
  /** Seed of the initial weights; default 1. */
  readonly seed?: number;
  /** Name of the model; default `generator`. */
  readonly name?: string;
}

/** The paper's generator for 256 px (Zhu et al. 2017, appendix 7.2). */
export const GENERATOR_DEFAULTS: Required<Omit<GeneratorOptions, 'imageSize' | 'imageWidth'>> = {
  channels: 3,
  architecture: 'resnet',
  filters: 64,
  blocks: 9,
  skip: false,
  bend: 0,
  upsampling: 'transposed',
  norm: 'instance',
  initialisation: 'normal',
  seed: 1,
  name: 'generator',
};

/**
 * Standard deviation of the last kernel of a residual generator: a tenth of the other kernels', so that
 * the untrained output differs from the input by a few hundredths.
 */
const RESIDUAL_DEVIATION = INITIAL_DEVIATION / 10;

/** Halvings of a ResNet generator. */
const RESNET_HALVINGS = 2;
/** Fewest halvings of a U-Net: with fewer it sees too little of an image. */
const MIN_DEPTH = 4;

/** Returns what the sides of images must be multiples of. */
export function generatorMultiple(
  architecture: GeneratorArchitecture,
  { height, width }: { readonly height: number; readonly width: number },
): number {
  return 2 ** halvingsOf(architecture, height, width);
}

/** Returns how often each architecture halves an image. */
function halvingsOf(architecture: GeneratorArchitecture, height: number, width: number): number {
  switch (architecture) {
    case 'resnet':
      return RESNET_HALVINGS;
    case 'unet-128':
      return 7;
    case 'unet-256':
      return 8;
    case 'unet':
      return Math.max(MIN_DEPTH, unetDepthOf(height, width));
  }
}

/**
 * Checks that a generator, which halves and doubles its input, returns images of these sizes
 * unchanged in size.
 *
 * @param where start of the error message
 * @param sizes height and width in pixels, or the side of squares
 * @param multiple what each must be a multiple of: 2 to the power of the halvings; default 4, that of `resnet`
 * @throws ShapeError when a side is not such a multiple, or below 8
 */
export function checkGeneratorSize(
  where: string,
  sizes: readonly number[],
  multiple: number = 2 ** RESNET_HALVINGS,
): void {
  const least = Math.max(8, multiple);
  for (const [i, size] of sizes.entries()) {
    if (size % multiple !== 0 || size < least) {
      const near = Math.max(least, Math.floor(size / multiple) * multiple);
      throw new ShapeError(
        `${where}: ${i === 1 && size !== sizes[0] ? 'imageWidth' : 'imageSize'} must be a multiple of ${multiple} and at least ${least}, but got ${size}. Resize to ${near} or ${near + multiple}.`,
      );
    }
  }
}

/**
 * Returns what the sides of a generator's images must be multiples of: its strides, from its layers.
 */
export function sizeMultipleOf(generator: tf.LayersModel): number {
  const strides = generator.layers.map((layer) => {
    if (layer.getClassName() !== 'Conv2D') return 1;
    const { strides: given } = layer.getConfig();
    return Array.isArray(given) && typeof given[0] === 'number' ? given[0] : 1;
  });
  return strides.reduce((product, stride) => product * stride, 1);
}

/**
 * Builds a generator.
 *
 * @returns a model float32 [B, H, W, channels], signed -> float32 [B, H, W, channels], signed; the caller disposes it
 * @throws ShapeError when a side is not a multiple of what the architecture halves it to, or below 8
 * @throws OptionsError when `channels`, `filters` or `blocks` is not a whole number in range, or options do not go together
 * Source: `resnetBody` and `unetBody` name theirs; initial weights N(0, 0.02), biases 0.
 */
export function buildGenerator(options: GeneratorOptions): tf.LayersModel {
  const {
    imageSize,
    imageWidth = imageSize,
    architecture,
    skip,
    name,
    ...form
  } = {
    ...GENERATOR_DEFAULTS,
    ...options,
  };
  const { channels, filters, blocks, bend } = form;
  const halvings = halvingsOf(architecture, imageSize, imageWidth);
  checkGeneratorSize('buildGenerator', [imageSize, imageWidth], 2 ** halvings);
  checkBend(bend, { skip, architecture });
  checkWhole('buildGenerator', 1, { channels, filters });
  checkWhole('buildGenerator', 0, { blocks });
  const body: BodyBuilder = architecture === 'resnet' ? resnetBody : unetBody(halvings);
  const input = tf.input({ shape: [imageSize, imageWidth, channels], name: 'image' });
  const made = body(input, { ...form, exitDeviation: deviationOf(skip, bend) });
  let x = made.output;
  if (skip === 'pre-tanh') {
    x = tf.layers.add({ name: 'skip' }).apply([input, x]) as tf.SymbolicTensor;
  }
  let output = apply(tf.layers.activation({ name: 'tanh', activation: 'tanh' }), x);
  if (skip === 'residual') {
    output = apply(new ClippedSum({ name: 'skip' }), [made.image, output]);
  }
  return tf.model({ inputs: input, outputs: output, name });
}

/** Returns the standard deviation of a generator's last kernel, if it has its own: one that bends starts as the identity. */
function deviationOf(skip: GeneratorSkip, bend: number): number | undefined {
  if (skip !== 'residual') return undefined;
  return bend > 0 ? 0 : RESIDUAL_DEVIATION;
}

function checkBend(
  bend: number,
  {
    skip,
    architecture,
  }: { readonly skip: GeneratorSkip; readonly architecture: GeneratorArchitecture },
): void {
  if (!(bend >= 0 && bend <= 1)) {
    throw new OptionsError(
      `buildGenerator: bend must be from 0 to 1, but got ${bend}. Take 0.15, or 0 for no bending.`,
    );
  }
  if (bend > 0 && skip !== 'residual') {
    throw new OptionsError(
      `buildGenerator: bend needs the skip residual, to which the change is added, but got ${String(skip)}. Set the skip to residual, or bend to 0.`,
    );
  }
  if (bend > 0 && architecture !== 'resnet') {
    throw new OptionsError(
      `buildGenerator: bend needs the generator resnet, but got ${architecture}. Take resnet, or bend 0.`,
    );
  }
}
