/** From feature maps to a row of numbers. */
import * as tf from '@tensorflow/tfjs';
import { SignedRoot } from '../layers.js';

/**
 * What is taken of feature maps: all of them; of each channel its mean or its maximum over the places, or
 * both; or both and the means of the four quarters, or of nine parts (`average+max+grid3`), which keep roughly where
 * something is.
 */
export type Pooling =
  'flatten' | 'average' | 'max' | 'average+max' | 'average+max+grid' | 'average+max+grid3';

/** The names of all poolings. */
export const POOLINGS: readonly Pooling[] = [
  'flatten',
  'average',
  'max',
  'average+max',
  'average+max+grid',
  'average+max+grid3',
];

/**
 * How pooled features are scaled: not at all; or, each image by itself, by the square root of each number,
 * its sign kept, and to the same length, so that a few strong channels no longer decide alone. The length
 * is the root of the number of features: a mean square of 1, as layers above expect; or (`standard`) each number by its
 * mean and deviation over the training images, which become weights of the head.
 * Source of `sqrt-l2`: Perronnin et al. 2010, "Improving the Fisher kernel", sections 3.1 and 3.2.
 */
export type Normalisation = 'none' | 'sqrt-l2' | 'standard';

/** The names of all normalisations. */
export const NORMALISATIONS: readonly Normalisation[] = ['none', 'sqrt-l2', 'standard'];

/** Options of {@link buildPooling}. */
export interface BuildPoolingOptions {
  /** Shape of the feature maps of one image, [H, W, C]. */
  readonly inputShape: readonly number[];
  readonly pooling: Pooling;
  /** Default `none`. */
  readonly normalisation?: Normalisation;
  /** Begins the layers' names; default none. */
  readonly prefix?: string;
}

/**
 * Returns a model without weights: feature maps float32 [B, H, W, C] -> float32 [B, D]. All layers but the
 * normalisation's are Keras' own. The caller disposes it.
 */
export function buildPooling(options: BuildPoolingOptions): tf.LayersModel {
  const { inputShape, prefix = '' } = options;
  const input = tf.input({ shape: [...inputShape], name: `${prefix}pooling_input` });
  const output = poolingLayers(input, options);
  return tf.model({ inputs: input, outputs: output, name: `${prefix}pooling` });
}

/** Applies the layers of {@link buildPooling} to feature maps. */
export function poolingLayers(
  input: tf.SymbolicTensor,
  options: Omit<BuildPoolingOptions, 'inputShape'>,
): tf.SymbolicTensor {
  const { pooling, normalisation = 'none', prefix = '' } = options;
  const pooled = poolFeatures(input, pooling, prefix);
  // Of `standard` the statistics are not known before there are pooled features: it is a layer of the head.
  return normalisation !== 'sqrt-l2'
    ? pooled
    : (new SignedRoot({ name: `${prefix}signed_root` }).apply(pooled) as tf.SymbolicTensor);
}

function poolFeatures(
  input: tf.SymbolicTensor,
  pooling: Pooling,
  prefix: string,
): tf.SymbolicTensor {
  const average = (): tf.SymbolicTensor =>
    tf.layers
      .globalAveragePooling2d({ name: `${prefix}average` })
      .apply(input) as tf.SymbolicTensor;
  const max = (): tf.SymbolicTensor =>
    tf.layers.globalMaxPooling2d({ name: `${prefix}max` }).apply(input) as tf.SymbolicTensor;
  const joined = (name: string, parts: tf.SymbolicTensor[]): tf.SymbolicTensor =>
    tf.layers.concatenate({ name: `${prefix}${name}` }).apply(parts) as tf.SymbolicTensor;
  switch (pooling) {
    case 'flatten':
      return tf.layers.flatten({ name: `${prefix}flatten` }).apply(input) as tf.SymbolicTensor;
    case 'average':
      return average();
    case 'max':
      return max();
    case 'average+max':
      return joined('average_max', [average(), max()]);
    case 'average+max+grid':
      return joined('average_max_grid', [average(), max(), ...gridMeans(input, { prefix })]);
    case 'average+max+grid3':
      // The cells come first, so that in a probe's row both grids stand beside the mean and maximum that they share.
      return joined('average_max_grid3', [
        ...gridMeans(input, { prefix: `${prefix}fine_`, side: 3 }),
        average(),
        max(),
      ]);
  }
}

/**
 * Returns the means of a grid's cells, row by row; where the maps' side is not a multiple of the grid's, neighbours overlap
 * by one place, and the cells of a single place are the same.
 */
export function gridMeans(
  input: tf.SymbolicTensor,
  /** `prefix` begins the layers' names; `side`: cells along each side, default 2. */
  { prefix, side: grid = 2 }: { readonly prefix: string; readonly side?: number },
): readonly tf.SymbolicTensor[] {
  const [height = 0, width = 0] = input.shape.slice(1, 3).map(Number);
  /** What is cut off before and after a cell. Source: PyTorch's AdaptiveAvgPool2d, rounded outwards. */
  const margins = (side: number, cell: number): [number, number] => [
    Math.floor((cell * side) / grid),
    side - Math.ceil(((cell + 1) * side) / grid),
  ];
  return Array.from({ length: grid * grid }, (_, i) => {
    const [row, column] = [Math.floor(i / grid), i % grid];
    const cell = tf.layers
      .cropping2D({
        name: `${prefix}cell${i + 1}`,
        cropping: [margins(height, row), margins(width, column)],
      })
      .apply(input);
    return tf.layers
      .globalAveragePooling2d({ name: `${prefix}cell${i + 1}_average` })
      .apply(cell) as tf.SymbolicTensor;
  });
}
