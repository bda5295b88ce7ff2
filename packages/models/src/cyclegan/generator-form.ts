/** What the generators of CycleGAN are built from, and what their builders share. */
import * as tf from '@tensorflow/tfjs';
import {
  apply,
  convolutionLayer,
  doublingLayer,
  transposedConvolutionLayer,
  type BiasUse,
} from './cyclegan-layers.js';
import type { Norm } from './cyclegan-norms.js';
import type { Initialisation } from './initial-weights.js';

/** How a generator doubles the sides of its features. */
export type Upsampling = 'transposed' | 'resize';

/** The names of all ways to double, the paper's first. */
export const UPSAMPLINGS: readonly Upsampling[] = ['transposed', 'resize'];

/** The numbers of a generator, checked. */
export interface GeneratorForm {
  readonly channels: number;
  readonly filters: number;
  readonly blocks: number;
  readonly bend: number;
  readonly upsampling: Upsampling;
  readonly norm: Norm;
  readonly initialisation: Initialisation;
  readonly seed: number;
  /** Standard deviation of the last kernel; absent: as the others begin. */
  readonly exitDeviation: number | undefined;
}

/** What the body of a generator returns. */
export interface GeneratorBody {
  /** What the skip adds to: the input, perhaps bent. */
  readonly image: tf.SymbolicTensor;
  /** float32 [B, H, W, channels], before the skip and the last tanh. */
  readonly output: tf.SymbolicTensor;
}

/** Builds the body of a generator upon its input. */
export type BodyBuilder = (input: tf.SymbolicTensor, form: GeneratorForm) => GeneratorBody;

/** Options of {@link doubled}. */
export interface DoublingSpec extends Pick<
  GeneratorForm,
  'upsampling' | 'initialisation' | 'seed'
> {
  readonly name: string;
  readonly filters: number;
  /** Side of the transposed kernel: 3, aligned as PyTorch's with an output padding of 1, or 4. A resized one has 3. */
  readonly kernelSize: 3 | 4;
  readonly bias: BiasUse;
  readonly deviation?: number;
}

/** The first row and column, by which a transposed convolution of a kernel of 3 is larger than twice its input. */
const CROPPING: [[number, number], [number, number]] = [
  [1, 0],
  [1, 0],
];

/** Doubles the sides of features. */
export function doubled(x: tf.SymbolicTensor, spec: DoublingSpec): tf.SymbolicTensor {
  const { name, upsampling, kernelSize } = spec;
  if (upsampling === 'resize') {
    const larger = apply(doublingLayer(`${name}_double`), x);
    return apply(convolutionLayer({ ...spec, kernelSize: 3, padding: 'same' }), larger);
  }
  // On a kernel of 4 `same` crops one pixel on each side, as the reference does.
  if (kernelSize === 4) return apply(transposedConvolutionLayer({ ...spec, padding: 'same' }), x);
  return apply(
    tf.layers.cropping2D({ name: `${name}_crop`, cropping: CROPPING }),
    apply(transposedConvolutionLayer(spec), x),
  );
}
