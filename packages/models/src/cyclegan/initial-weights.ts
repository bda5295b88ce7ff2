/** How the kernels of networks begin, where it is not `normal`, which tfjs draws itself. */
import { OptionsError, type RandomStream } from '@janus/core';

/** How kernels begin; see {@link initialKernel}. */
export type Initialisation = 'normal' | 'xavier' | 'kaiming' | 'orthogonal';

/** All of them, the default first. */
export const INITIALISATIONS: readonly Initialisation[] = [
  'normal',
  'xavier',
  'kaiming',
  'orthogonal',
];

/** Standard deviation of `normal`, gain of `xavier` and `orthogonal` (CycleGAN reference, `init_gain`). */
export const INITIAL_DEVIATION = 0.02;

/**
 * Draws the kernel of a convolution.
 *
 * - `normal`: N(0, 0.02), the reference's default.
 * - `xavier`: N(0, 0.02 sqrt(2 / (fan in + fan out))). Source: Glorot and Bengio 2010.
 * - `kaiming`: N(0, sqrt(2 / fan in)). Source: He et al. 2015, arXiv 1502.01852.
 * - `orthogonal`: 0.02 times rows, one an output channel, that are orthonormal (columns, where there are fewer).
 *   Source: Saxe et al. 2014, arXiv 1312.6120.
 *
 * The fans of a transposed convolution, whose kernel is [height, width, out, in], are PyTorch's: they take the third
 * number for the fan in, which is its outputs.
 *
 * @param shape [height, width, in, out]
 * @returns float32, row-major
 * @throws OptionsError when a kernel is not of rank 4
 * Source: the CycleGAN reference's `models/networks.py`, `init_weights`.
 */
export function initialKernel(
  shape: readonly number[],
  options: { readonly initialisation: Initialisation; readonly random: RandomStream },
): Float32Array {
  const { initialisation, random } = options;
  const [height = 0, width = 0, first = 0, last = 0] = shape;
  if (shape.length !== 4) {
    throw new OptionsError(
      `initialKernel: a kernel must have 4 sides, but got [${shape.join()}]. Take it for convolutions only.`,
    );
  }
  const area = height * width;
  const normals = (deviation: number): Float32Array =>
    Float32Array.from({ length: area * first * last }, () => deviation * random.normal());
  switch (initialisation) {
    case 'normal':
      return normals(INITIAL_DEVIATION);
    case 'xavier':
      return normals(INITIAL_DEVIATION * Math.sqrt(2 / (area * (first + last))));
    case 'kaiming':
      return normals(Math.sqrt(2 / (area * first)));
    case 'orthogonal':
      return orthogonal({ rows: last, columns: area * first }, random);
  }
}

/** Returns a kernel whose vectors, one a row or one a column, whichever are fewer, are orthonormal, times the gain. */
function orthogonal(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  random: RandomStream,
): Float32Array {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    // Twice: once leaves what rounding brings back (Giraud et al. 2005).
    for (let pass = 0; pass < 2; pass++) for (const other of vectors) subtract(vector, other);
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / norm));
  }
  // The kernel is [columns, rows] in memory: the output channel is last.
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [column, row] = [Math.floor(at / rows), at % rows];
    const value = rows <= columns ? vectors[row]?.[column] : vectors[column]?.[row];
    return INITIAL_DEVIATION * (value ?? NaN);
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}

/** Takes from a vector its part along a vector of length 1. */
function subtract(vector: Float64Array, unit: Float64Array): void {
  const along = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? NaN) - along * (unit[i] ?? NaN);
}
