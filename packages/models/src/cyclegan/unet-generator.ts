/** The U-Net generator of pix2pix: Isola et al. 2017, arXiv 1611.07004, appendix 6.1.1. */
import * as tf from '@tensorflow/tfjs';
import { apply, convolutionLayer } from './cyclegan-layers.js';
import { biasBefore, biasWithout, leaky, normalised } from './cyclegan-norms.js';
import { doubled, type BodyBuilder, type GeneratorForm } from './generator-form.js';

/** Slope of the leaky ReLU on the way down (Isola et al. 2017, appendix 6.1). */
const LEAK = 0.2;

/** Deepest U-Net that fits by itself: 256 px to 1 px, the reference's. */
const MAX_DEPTH = 8;

/** Returns how often both sides of an image halve evenly, 8 times at most. */
export function unetDepthOf(height: number, width: number): number {
  let depth = 0;
  while (depth < MAX_DEPTH && height % 2 ** (depth + 1) === 0 && width % 2 ** (depth + 1) === 0) {
    depth++;
  }
  return depth;
}

/**
 * Returns the builder of a U-Net: `depth` convolutions of stride 2 down, as many up, each joined with what came down at
 * its size. The filters double up to 8 times the first's. The innermost features, 1 px on the size that the depth is
 * made for, are not normalised: instance normalisation would leave nothing of them.
 *
 * Source: the CycleGAN reference's `UnetGenerator`, without dropout, as its CycleGAN has it.
 */
export function unetBody(depth: number): BodyBuilder {
  return (input, form) => {
    const { filters, norm } = form;
    const widthOf = (level: number): number => filters * Math.min(2 ** (level - 1), 8);
    const way: tf.SymbolicTensor[] = [];
    let x = input;
    for (let level = 1; level <= depth; level++) {
      const isBare = level === 1 || level === depth;
      const bias = isBare ? biasWithout(norm) : biasBefore(norm);
      const name = `down${level}`;
      x = halved(x, { ...form, name, filters: widthOf(level), bias });
      if (!isBare) x = normalised(x, { ...form, name, slope: 1 });
      way.push(x);
      x = leaky(x, name, level === depth ? 0 : LEAK);
    } // [B, H / 2^depth, W / 2^depth, up to 8 filters], after its ReLU
    for (let level = depth - 1; level >= 1; level--) {
      const name = `up${level}`;
      x = doubled(x, {
        ...form,
        ...{ name, filters: widthOf(level), kernelSize: 4, bias: biasBefore(norm) },
      });
      x = normalised(x, { ...form, name, slope: 1 });
      const joined = tf.layers.concatenate({ name: `${name}_join` });
      x = apply(joined, [way[level - 1] ?? x, x]);
      x = leaky(x, `${name}_join`, 0);
    } // [B, H/2, W/2, 2 filters]
    return { image: input, output: exit(x, form) };
  };
}

/** Halves the sides of features. */
function halved(
  x: tf.SymbolicTensor,
  spec: Pick<Parameters<typeof convolutionLayer>[0], 'name' | 'filters' | 'bias' | 'seed'> &
    Pick<GeneratorForm, 'initialisation'>,
): tf.SymbolicTensor {
  const { name, filters, seed, initialisation, bias = 'used' } = spec;
  // On even sizes `same` pads a 4x4 kernel of stride 2 by one on each side, as the reference does.
  const convolution = { kernelSize: 4, stride: 2, padding: 'same', initialisation } as const;
  return apply(convolutionLayer({ ...convolution, name, filters, seed, bias }), x);
}

function exit(x: tf.SymbolicTensor, form: GeneratorForm): tf.SymbolicTensor {
  const { channels, exitDeviation, upsampling, initialisation, seed } = form;
  return doubled(x, {
    ...{ name: 'exit', filters: channels, kernelSize: 4, bias: 'used' },
    ...{ upsampling, initialisation, seed },
    ...(exitDeviation === undefined ? {} : { deviation: exitDeviation }),
  });
}
