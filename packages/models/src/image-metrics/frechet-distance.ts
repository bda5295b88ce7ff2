import { OptionsError } from '@janus/core';
import type { Features } from '../features.js';
import { lengthOf } from './embedding.js';
import { symmetricEigenvalues, type SquareMatrix } from './symmetric-eigenvalues.js';

/** Rows around their mean, divided by the root of their number less 1, so that `rows' rows` is the covariance. */
interface Centred {
  readonly mean: Float64Array;
  /** float64 [count, length]. */
  readonly rows: Float64Array;
  readonly count: number;
  readonly length: number;
}

/**
 * Returns the Fréchet distance between the Gaussians of two sets of features, which is the FID where the features are those
 * of the standard Inception network: `|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))`, covariances over n - 1.
 *
 * Computed in float64 without the covariances: the trace of the root is the sum of the singular values of `A B'`, where A and
 * B are the centred features. So it is as stable for fewer images than features as for more; other programs take the root
 * of a singular matrix there. It is not clamped at 0, and biased upwards by about 1/n: compare only equal numbers of images.
 *
 * @param a float32 [N, d], N at least 2
 * @param b float32 [M, d], M at least 2
 * @throws OptionsError when a set has fewer than 2 images, or the features differ in length
 *
 * Source: Heusel et al. 2017, arXiv 1706.08500, section 3.
 */
export function frechetDistance(a: Features, b: Features): number {
  if (Math.min(a.count, b.count) < 2) {
    throw new OptionsError(
      `frechetDistance: each set must have at least 2 images, but got ${a.count} and ${b.count}. Pass more images.`,
    );
  }
  if (lengthOf(a) !== lengthOf(b)) {
    throw new OptionsError(
      `frechetDistance: both sets must have features of the same length, but got ${lengthOf(a)} and ${lengthOf(b)}. Compute both with one network.`,
    );
  }
  const [first, second] = [centred(a), centred(b)];
  const apart = first.mean.reduce((sum, m, k) => sum + (m - (second.mean[k] ?? 0)) ** 2, 0);
  const squares = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0);
  const root = sumOfSingularValues(shortened(first), shortened(second));
  return apart + squares(first.rows) + squares(second.rows) - 2 * root;
}

function centred(features: Features): Centred {
  const { data, count } = features;
  const length = lengthOf(features);
  const mean = new Float64Array(length);
  for (let i = 0; i < data.length; i++) {
    mean[i % length] = (mean[i % length] ?? 0) + (data[i] ?? 0) / count;
  }
  const scale = 1 / Math.sqrt(count - 1);
  const rows = Float64Array.from(data, (x, i) => (x - (mean[i % length] ?? 0)) * scale);
  return { mean, rows, count, length };
}

/**
 * Returns rows with the same `rows' rows`, no more of them than their length: the triangle of the QR decomposition, by
 * Householder reflections. Singular values of a product of such rows do not change.
 */
function shortened(given: Centred): Centred {
  const { count, length } = given;
  if (count <= length) return given;
  const rows = Float64Array.from(given.rows);
  const v = new Float64Array(count);
  for (let k = 0; k < length; k++) {
    let squares = 0;
    for (let i = k; i < count; i++) squares += (rows[i * length + k] ?? 0) ** 2;
    const norm = Math.sqrt(squares);
    const head = rows[k * length + k] ?? 0;
    const pivot = head > 0 ? -norm : norm;
    const scale = pivot * (pivot - head);
    if (scale === 0) continue;
    for (let i = k; i < count; i++) v[i] = rows[i * length + k] ?? 0;
    v[k] = head - pivot;
    for (let j = k; j < length; j++) {
      let sum = 0;
      for (let i = k; i < count; i++) sum += (v[i] ?? 0) * (rows[i * length + j] ?? 0);
      const factor = sum / scale;
      for (let i = k; i < count; i++) {
        rows[i * length + j] = (rows[i * length + j] ?? 0) - factor * (v[i] ?? 0);
      }
    }
  }
  return { ...given, rows: rows.subarray(0, length * length), count: length };
}

/** Returns the sum of the singular values of `a b'`. */
function sumOfSingularValues(a: Centred, b: Centred): number {
  const [few, many] = a.count <= b.count ? [a, b] : [b, a];
  const product = new Float64Array(few.count * many.count);
  for (let i = 0; i < few.count; i++) {
    for (let j = 0; j < many.count; j++) {
      product[i * many.count + j] = dot(few, i, many, j);
    }
  }
  const wide: Centred = { ...few, rows: product, length: many.count };
  const n = few.count;
  const square: SquareMatrix = { n, values: new Float64Array(n * n) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(wide, i, wide, j);
      square.values[i * n + j] = value;
      square.values[j * n + i] = value;
    }
  }
  // Rounding leaves some of the zeros a little below 0.
  return symmetricEigenvalues(square).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
}

// eslint-disable-next-line @typescript-eslint/max-params -- two rows, each of two parts
function dot(a: Centred, i: number, b: Centred, j: number): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) {
    sum += (a.rows[i * a.length + k] ?? 0) * (b.rows[j * b.length + k] ?? 0);
  }
  return sum;
}
