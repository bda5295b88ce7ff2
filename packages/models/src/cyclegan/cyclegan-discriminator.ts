/** The discriminator of CycleGAN: Isola et al. 2017, arXiv 1611.07004, appendix 6.1.2. */
import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { apply, checkWhole, convolutionLayer } from './cyclegan-layers.js';
import { InstanceNormalization } from '../layers.js';

/** Options of {@link buildDiscriminator}. */
export interface DiscriminatorOptions {
  /** Side of the images in pixels, a multiple of 2^layers and at least three times that. */
  readonly imageSize: number;
  /** Channels of the images; default 3, RGB. */
  readonly channels?: number;
  /** Filters of the first convolution (ndf); default 64, the paper's. */
  readonly filters?: number;
  /** Convolutions of stride 2; default 3, the paper's: each logit sees a patch of 70 px. */
  readonly layers?: number;
  /** Adds a second output, one logit of the whole image, from layers of its own; default false. */
  readonly globalView?: boolean;
  /** Seed of the initial weights; default 1. */
  readonly seed?: number;
  /** Name of the model; default `discriminator`. */
  readonly name?: string;
}

/** The paper's 70 px PatchGAN (Zhu et al. 2017, appendix 7.2). */
export const DISCRIMINATOR_DEFAULTS: Required<Omit<DiscriminatorOptions, 'imageSize'>> = {
  channels: 3,
  filters: 64,
  layers: 3,
  globalView: false,
  seed: 1,
  name: 'discriminator',
};

/** Slope of the discriminator's leaky ReLU for values below 0 (paper, appendix 7.2). */
const LEAK = 0.2;

/**
 * Builds the PatchGAN discriminator `C64, C128, C256, C512`, which returns one logit per patch.
 *
 * @returns a model float32 [B, imageSize, imageSize, channels], signed -> float32 [B, h, w, 1],
 * h = w = imageSize / 2^layers - 2, and with `globalView` also float32 [B, 1, 1, 1]; the caller disposes it
 * @throws ShapeError when `imageSize` does not halve evenly, or leaves no output
 * @throws OptionsError when `channels`, `filters` or `layers` is not a whole number of at least 1
 * Source: Isola et al. 2017, arXiv 1611.07004, appendix 6.1.2; the filters double up to 8 x `filters`.
 */
export function buildDiscriminator(options: DiscriminatorOptions): tf.LayersModel {
  const { imageSize, channels, filters, layers, globalView, seed, name } = {
    ...DISCRIMINATOR_DEFAULTS,
    ...options,
  };
  checkWhole('buildDiscriminator', 1, { channels, filters, layers });
  const patch = 2 ** layers;
  if (imageSize % patch !== 0 || imageSize / patch < 3) {
    throw new ShapeError(
      `buildDiscriminator: imageSize must be a multiple of ${patch} and at least ${3 * patch}, but got ${imageSize}. Resize the images, or use fewer layers.`,
    );
  }
  const input = tf.input({ shape: [imageSize, imageSize, channels], name: 'image' });
  const leakyReLU = (x: tf.SymbolicTensor, part: string): tf.SymbolicTensor =>
    apply(tf.layers.leakyReLU({ name: `${part}_relu`, alpha: LEAK }), x);

  // On even sizes `same` pads a 4x4 kernel of stride 2 by one on each side, as the reference does.
  let x = apply(
    convolutionLayer({ name: 'conv1', filters, kernelSize: 4, stride: 2, padding: 'same', seed }),
    input,
  );
  x = leakyReLU(x, 'conv1'); // [B, H/2, W/2, filters]
  for (let i = 2; i <= layers + 1; i++) {
    const part = `conv${i}`;
    const last = i === layers + 1;
    if (last) x = apply(tf.layers.zeroPadding2d({ name: `${part}_pad`, padding: 1 }), x);
    x = apply(
      convolutionLayer({
        name: part,
        filters: filters * Math.min(2 ** (i - 1), 8),
        kernelSize: 4,
        stride: last ? 1 : 2,
        padding: last ? 'valid' : 'same',
        seed,
        normalised: true,
      }),
      x,
    );
    x = apply(new InstanceNormalization({ name: `${part}_norm`, slope: LEAK }), x);
  } // [B, H/2^layers - 1, W/2^layers - 1, up to 8 filters]
  x = apply(tf.layers.zeroPadding2d({ name: 'logits_pad', padding: 1 }), x);
  const logits = apply(convolutionLayer({ name: 'logits', filters: 1, kernelSize: 4, seed }), x);
  if (!globalView) return tf.model({ inputs: input, outputs: logits, name });
  return tf.model({ inputs: input, outputs: [logits, wholeView(input, { filters, seed })], name });
}

/** Side below which a view of the whole image ends in one kernel. */
const WHOLE_SIDE = 8;

/** Returns one logit of a whole image; without normalisation, so that its colours and contrast count. */
function wholeView(
  input: tf.SymbolicTensor,
  { filters, seed }: { readonly filters: number; readonly seed: number },
): tf.SymbolicTensor {
  const convolution = { kernelSize: 4, stride: 2, padding: 'same', seed } as const;
  let x = input;
  for (let i = 1; (x.shape[1] ?? 0) >= WHOLE_SIDE; i++) {
    const width = filters * Math.min(2 ** (i - 1), 4);
    // As wide as He et al. 2015 (arXiv 1502.01852) derive it: nothing else keeps the scale.
    const deviation = Math.sqrt(2 / (16 * (x.shape[3] ?? 1)));
    const name = `whole${i}`;
    x = apply(convolutionLayer({ ...convolution, name, filters: width, deviation }), x);
    x = apply(tf.layers.leakyReLU({ name: `${name}_relu`, alpha: LEAK }), x);
  }
  const side = x.shape[1] ?? 1;
  return apply(convolutionLayer({ name: 'whole_logit', filters: 1, kernelSize: side, seed }), x);
}
