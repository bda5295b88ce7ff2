/** The generator of CycleGAN: Zhu et al. 2017, arXiv 1703.10593, appendix 7.2. */
import * as tf from '@tensorflow/tfjs';
import { apply, convolutionLayer } from './cyclegan-layers.js';
import { biasBefore, normalised } from './cyclegan-norms.js';
import { doubled, type BodyBuilder, type GeneratorForm } from './generator-form.js';
import { Bend } from '../bend.js';
import { ReflectionPadding2D } from '../layers.js';

/**
 * Builds `c7s1-64, d128, d256, R256 x blocks, u128, u64, c7s1-3` without the last tanh.
 *
 * Down- and upsampling are aligned as in PyTorch (one zero on each side; the first row and column of
 * the transposed convolution are cropped), so that weights of the reference fit.
 */
export const resnetBody: BodyBuilder = (input, form) => {
  const { channels, filters, blocks, bend, seed, exitDeviation, initialisation } = form;
  const shared = { seed, initialisation, bias: biasBefore(form.norm) };
  const normReLU = (x: tf.SymbolicTensor, name: string): tf.SymbolicTensor =>
    normalised(x, { ...form, name, slope: 0 });
  let x = apply(new ReflectionPadding2D({ name: 'enter_pad', padding: 3 }), input);
  x = apply(convolutionLayer({ ...shared, name: 'enter', filters, kernelSize: 7 }), x);
  x = normReLU(x, 'enter'); // [B, H, W, filters]
  for (const [name, width] of [
    ['down1', 2 * filters],
    ['down2', 4 * filters],
  ] as const) {
    x = apply(tf.layers.zeroPadding2d({ name: `${name}_pad`, padding: 1 }), x);
    const convolution = { ...shared, name, filters: width, kernelSize: 3, stride: 2 };
    x = normReLU(apply(convolutionLayer(convolution), x), name);
  } // [B, H/4, W/4, 4 filters]
  for (let i = 1; i <= blocks; i++) x = residualBlock(x, `block${i}`, form);
  const image = bend > 0 ? bent(input, x, { reach: bend, filters, seed }) : input;
  for (const [name, width] of [
    ['up1', 2 * filters],
    ['up2', filters],
  ] as const) {
    const { upsampling } = form;
    const larger = doubled(x, { ...shared, name, filters: width, kernelSize: 3, upsampling });
    x = normReLU(larger, name);
  } // [B, H, W, filters]
  x = apply(new ReflectionPadding2D({ name: 'exit_pad', padding: 3 }), x);
  const deviation = exitDeviation === undefined ? {} : { deviation: exitDeviation };
  const exit = { name: 'exit', filters: channels, kernelSize: 7, seed, initialisation };
  return { image, output: apply(convolutionLayer({ ...exit, ...deviation }), x) };
};

function residualBlock(
  input: tf.SymbolicTensor,
  name: string,
  form: GeneratorForm,
): tf.SymbolicTensor {
  const { seed, initialisation, norm } = form;
  const filters = input.shape[3] ?? 0;
  const shared = { filters, kernelSize: 3, seed, initialisation, bias: biasBefore(norm) };
  const convolution = (x: tf.SymbolicTensor, part: string): tf.SymbolicTensor => {
    const padded = apply(new ReflectionPadding2D({ name: `${part}_pad`, padding: 1 }), x);
    return apply(convolutionLayer({ ...shared, name: part }), padded);
  };
  const [first, second] = [`${name}_conv1`, `${name}_conv2`];
  let x = normalised(convolution(input, first), { norm, seed, name: first, slope: 0 });
  x = normalised(convolution(x, second), { norm, seed, name: second, slope: 1 });
  return tf.layers.add({ name: `${name}_add` }).apply([input, x]) as tf.SymbolicTensor;
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
