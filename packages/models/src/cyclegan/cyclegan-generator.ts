/** The generator of CycleGAN: Zhu et al. 2017, arXiv 1703.10593, appendix 7.2. */
import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import {
  apply,
  checkWhole,
  convolutionLayer,
  doublingLayer,
  INITIAL_DEVIATION,
  transposedConvolutionLayer,
} from './cyclegan-layers.js';
import { Bend } from '../bend.js';
import { ClippedSum, InstanceNormalization, ReflectionPadding2D } from '../layers.js';

/** How the input of a generator is added to its output; see {@link GeneratorOptions.skip}. */
export type GeneratorSkip = false | 'pre-tanh' | 'residual';

/** The names of all skips. */
export const GENERATOR_SKIPS: readonly Exclude<GeneratorSkip, false>[] = ['pre-tanh', 'residual'];

/** How a generator doubles the sides of its features; see {@link GeneratorOptions.upsampling}. */
export type Upsampling = 'transposed' | 'resize';

/** The names of all ways to double, the paper's first. */
export const UPSAMPLINGS: readonly Upsampling[] = ['transposed', 'resize'];

/** Options of {@link buildGenerator}. */
export interface GeneratorOptions {
  /** Side of the images in pixels, a multiple of 4 and at least 8. The weights fit any such size. */
  readonly imageSize: number;
  /** Channels of the images, in and out; default 3, RGB. */
  readonly channels?: number;
  /** Filters of the first convolution (ngf); default 64, the paper's. */
  readonly filters?: number;
  /** Residual blocks; default 9, the paper's for 256 px (6 for 128 px). */
  readonly blocks?: number;
  /**
   * `pre-tanh` adds the input before the last tanh, so that an untrained generator already shows its
   * input, with less contrast: tanh(1) is 0.76. `residual` adds twice the tanh to the input and clips the
   * sum to [-1, 1]; its last convolution starts near 0, so that an untrained generator returns its input
   * almost unchanged. Default false, the paper's.
   */
  readonly skip?: GeneratorSkip;
  /**
   * With the skip `residual`, lets the generator bend its input before the change is added: how far at most, as a
   * share of half the image's side; default 0, no bending. It needs no colours to move a lip or a brow.
   */
  readonly bend?: number;
  /**
   * `transposed`: a transposed convolution, the paper's and the default. `resize`: each pixel four times, then a
   * convolution, which costs four times as much but leaves no hatching (Odena et al. 2016, distill 10.23915/distill.00003).
   */
  readonly upsampling?: Upsampling;
  /** Seed of the initial weights; default 1. */
  readonly seed?: number;
  /** Name of the model; default `generator`. */
  readonly name?: string;
}

/** The paper's generator for 256 px (Zhu et al. 2017, appendix 7.2). */
export const GENERATOR_DEFAULTS: Required<Omit<GeneratorOptions, 'imageSize'>> = {
  channels: 3,
  filters: 64,
  blocks: 9,
  skip: false,
  bend: 0,
  upsampling: 'transposed',
  seed: 1,
  name: 'generator',
};

/**
 * Standard deviation of the last kernel of a residual generator: a tenth of the other kernels', so that
 * the untrained output differs from the input by a few hundredths.
 */
const RESIDUAL_DEVIATION = INITIAL_DEVIATION / 10;

/**
 * Checks that a generator, which halves and doubles its input twice, returns images of these sizes
 * unchanged in size.
 *
 * @param where start of the error message
 * @param sizes sides in pixels
 * @throws ShapeError when a side is not a multiple of 4, or below 8
 */
export function checkGeneratorSize(where: string, sizes: readonly number[]): void {
  for (const size of sizes) {
    if (size % 4 !== 0 || size < 8) {
      const near = Math.max(8, Math.floor(size / 4) * 4);
      throw new ShapeError(
        `${where}: imageSize must be a multiple of 4 and at least 8, but got ${size}. Resize to ${near} or ${near + 4}.`,
      );
    }
  }
}

/** Applies instance normalisation and ReLU after the convolution `name`. */
function normReLU(x: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  return apply(new InstanceNormalization({ name: `${name}_norm`, slope: 0 }), x);
}

function residualBlock(input: tf.SymbolicTensor, name: string, seed: number): tf.SymbolicTensor {
  const filters = input.shape[3] ?? 0;
  const convolution = (x: tf.SymbolicTensor, part: string): tf.SymbolicTensor => {
    const padded = apply(new ReflectionPadding2D({ name: `${part}_pad`, padding: 1 }), x);
    return apply(
      convolutionLayer({ name: part, filters, kernelSize: 3, seed, normalised: true }),
      padded,
    );
  };
  let x = normReLU(convolution(input, `${name}_conv1`), `${name}_conv1`);
  x = convolution(x, `${name}_conv2`);
  x = apply(new InstanceNormalization({ name: `${name}_conv2_norm` }), x);
  return tf.layers.add({ name: `${name}_add` }).apply([input, x]) as tf.SymbolicTensor;
}

/**
 * Builds the ResNet generator `c7s1-64, d128, d256, R256 x blocks, u128, u64, c7s1-3`.
 *
 * Down- and upsampling are aligned as in PyTorch (one zero on each side; the first row and column of
 * the transposed convolution are cropped), so that weights of the reference fit.
 *
 * @returns a model float32 [B, H, W, channels], signed -> float32 [B, H, W, channels], signed, with H and
 * W multiples of 4; the caller disposes it
 * @throws ShapeError when `imageSize` is not a multiple of 4, or below 8
 * @throws OptionsError when `channels`, `filters` or `blocks` is not a whole number in range
 * Source: Zhu et al. 2017, arXiv 1703.10593, appendix 7.2; initial weights N(0, 0.02), biases 0.
 */
export function buildGenerator(options: GeneratorOptions): tf.LayersModel {
  const { imageSize, channels, filters, blocks, skip, bend, upsampling, seed, name } = {
    ...GENERATOR_DEFAULTS,
    ...options,
  };
  checkGeneratorSize('buildGenerator', [imageSize]);
  checkBend(bend, skip);
  checkWhole('buildGenerator', 1, { channels, filters });
  checkWhole('buildGenerator', 0, { blocks });

  const input = tf.input({ shape: [imageSize, imageSize, channels], name: 'image' });
  let x = apply(new ReflectionPadding2D({ name: 'enter_pad', padding: 3 }), input);
  x = apply(convolutionLayer({ name: 'enter', filters, kernelSize: 7, seed, normalised: true }), x);
  x = normReLU(x, 'enter'); // [B, H, W, filters]
  for (const [part, width] of [
    ['down1', 2 * filters],
    ['down2', 4 * filters],
  ] as const) {
    x = apply(tf.layers.zeroPadding2d({ name: `${part}_pad`, padding: 1 }), x);
    x = apply(
      convolutionLayer({
        name: part,
        filters: width,
        kernelSize: 3,
        stride: 2,
        seed,
        normalised: true,
      }),
      x,
    );
    x = normReLU(x, part);
  } // [B, H/4, W/4, 4 filters]
  for (let i = 1; i <= blocks; i++) x = residualBlock(x, `block${i}`, seed);
  const start = bend > 0 ? bent(input, x, { reach: bend, filters, seed }) : input;
  for (const [part, width] of [
    ['up1', 2 * filters],
    ['up2', filters],
  ] as const) {
    x = normReLU(doubled(x, { name: part, filters: width, seed, upsampling }), part);
  } // [B, H, W, filters]
  x = apply(new ReflectionPadding2D({ name: 'exit_pad', padding: 3 }), x);
  const deviation = deviationOf(skip, bend);
  const exit = { name: 'exit', filters: channels, kernelSize: 7, seed, deviation };
  x = apply(convolutionLayer(exit), x);
  if (skip === 'pre-tanh') {
    x = tf.layers.add({ name: 'skip' }).apply([input, x]) as tf.SymbolicTensor;
  }
  let output = apply(tf.layers.activation({ name: 'tanh', activation: 'tanh' }), x);
  if (skip === 'residual') {
    output = apply(new ClippedSum({ name: 'skip' }), [start, output]);
  }
  return tf.model({ inputs: input, outputs: output, name });
}

/** Doubles the sides of features. */
function doubled(
  x: tf.SymbolicTensor,
  spec: {
    readonly name: string;
    readonly filters: number;
    readonly seed: number;
    readonly upsampling: Upsampling;
  },
): tf.SymbolicTensor {
  const { name, filters, seed, upsampling } = spec;
  const convolution = { name, filters, kernelSize: 3, seed, normalised: true };
  if (upsampling === 'resize') {
    const larger = apply(doublingLayer(`${name}_double`), x);
    return apply(convolutionLayer({ ...convolution, padding: 'same' }), larger);
  }
  const cropping: [[number, number], [number, number]] = [
    [1, 0],
    [1, 0],
  ];
  return apply(
    tf.layers.cropping2D({ name: `${name}_crop`, cropping }),
    apply(transposedConvolutionLayer(convolution), x),
  );
}

/** Returns the standard deviation of a generator's last kernel: one that bends starts as the identity, exactly. */
function deviationOf(skip: GeneratorSkip, bend: number): number {
  if (skip !== 'residual') return INITIAL_DEVIATION;
  return bend > 0 ? 0 : RESIDUAL_DEVIATION;
}

function checkBend(bend: number, skip: GeneratorSkip): void {
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
}

/** Bends the input by a field that two convolutions make of the features x; the second starts at 0. */
function bent(
  input: tf.SymbolicTensor,
  x: tf.SymbolicTensor,
  {
    reach,
    filters,
    seed,
  }: { readonly reach: number; readonly filters: number; readonly seed: number },
): tf.SymbolicTensor {
  const convolution = { kernelSize: 3, padding: 'same', seed } as const;
  let field = apply(
    convolutionLayer({ ...convolution, name: 'bend1', filters: 2 * filters, deviation: 0.05 }),
    x,
  );
  field = apply(tf.layers.reLU({ name: 'bend1_relu' }), field);
  field = apply(
    convolutionLayer({ ...convolution, name: 'bend2', filters: 2, deviation: 0 }),
    field,
  );
  field = apply(tf.layers.activation({ name: 'bend_tanh', activation: 'tanh' }), field);
  return apply(new Bend({ name: 'bend', reach }), [input, field]);
}
